-- All that a document says is true at one moment.
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY
