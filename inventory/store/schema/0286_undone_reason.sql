-- Why a decision was taken back. NULL: nobody said so.
ALTER TABLE decision ADD COLUMN undone_reason text;
