COPY owner_rule (import, line, source_line, site, first_address, last_address, name_suffix, issuer_like, owner, contacts, manager_contacts, environment,
                 text, host_suffix, path_prefix)
FROM STDIN
