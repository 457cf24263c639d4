-- Every value of the columns that `assign` needs, read once.
select
    max("at"),
    sum(length(account_id)),
    sum(length(user_id)),
    sum(length(event)),
    sum(length(feature)),
    sum(seconds)
from $reader
