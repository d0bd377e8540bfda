-- How the licences of the policy stand, which an adopted foreign certificate needs. Column: a sentence; NULL: the
-- policy gives no number.
SELECT 'Licences: ' || used || ' of ' || licences || ' used; ' || counted(foreign_found, 'foreign certificate') || ' served that nobody manages'
       || CASE WHEN foreign_found > greatest(licences - used, 0) THEN ', ' || foreign_found - greatest(licences - used, 0) || ' more than licences are left' ELSE '' END || '.'
FROM licence_account WHERE licences > 0
