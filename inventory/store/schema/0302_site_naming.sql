-- Do places name the site "default", too? One row; each run writes it, with the texts of places that it keeps: so all of them are alike. True as
-- soon as any other site is known.
CREATE TABLE site_naming (
    names_default boolean NOT NULL
);
INSERT INTO site_naming VALUES (false);
