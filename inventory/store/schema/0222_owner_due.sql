-- Of each owner (NULL: nobody) what runs keep of it, without those of whom nothing is due.
CREATE VIEW owner_due AS
    SELECT false AS is_total, owner, due_overdue AS overdue, due_week AS week, due_month AS month, due_two_months AS two_months, due_three_months AS three_months
    FROM owner_count WHERE due_overdue + due_week + due_month + due_two_months + due_three_months > 0;
