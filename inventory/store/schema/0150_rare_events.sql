-- What happened but that a place was found: a first run finds 300,000 places, of which nothing is told but that they are new.
CREATE INDEX event_rare ON event (time) WHERE kind <> 'new' OR chain_after IS NULL;

-- Places that show what has been superseded, by when that began: among all places they are few.
CREATE INDEX endpoint_judged_superseded ON endpoint_judged (deployment_since) WHERE deployment = 'superseded but served';
