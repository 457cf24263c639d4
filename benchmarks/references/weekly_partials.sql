-- What an expert writes: raw rows are grouped once by account and week, with bits for days and features; windows
-- are sums and bit-ors over four weeks. A user counts from the week of a sighting until four weeks after, or until
-- the next sighting: +1 and -1, summed up. Metrics of usage only: no tickets, surveys, rules, states, refused rows.
create type feature_name as enum (select distinct feature from read_parquet($usage) where feature is not null);
create temp table weeks as
select
    unnest(generate_series(cast($first as timestamp), cast($end as timestamp), interval 7 days)) as week_end,
    unnest(generate_series(0, date_diff('week', cast($first as timestamp), cast($end as timestamp)))) as week;
create temp table partials as
select
    account_id,
    date_diff('day', cast($first as date), cast("at" as date)) // 7 + 1 as week,
    max("at") as last_seen,
    count(*) as events,
    count(*) filter (event = 'login') as logins,
    count(*) filter (event = 'workflow_completed') as workflows,
    sum(seconds) as seconds,
    bit_or(cast(1 as utinyint) << isodow("at") - 1) as days,
    bit_or(cast(1 as ubigint) << enum_code(cast(feature as feature_name))) as features
from read_parquet($usage)
group by all;
create temp table users as
with sightings as (
    select distinct
        account_id,
        user_id,
        date_diff('day', cast($first as date), cast("at" as date)) // 7 + 1 as week
    from read_parquet($usage)
),
stays as (
    select
        account_id,
        week,
        least(week + 4, coalesce(lead(week) over (partition by account_id, user_id order by week), week + 4)) as until
    from sightings
),
changes as (
    select account_id, week, count(*) as change from stays group by all
    union all
    select account_id, until as week, -count(*) as change from stays group by all
)
select account_id, week, sum(change) as change from changes group by all;
copy (
    select
        account_id,
        week_end,
        date_diff('day', cast(max(last_seen) over past as date), cast(week_end as date)) // 7 as weeks_since_active,
        coalesce(sum(events) over month, 0) as events_28d,
        coalesce(sum(events) over month_before, 0) as events_28d_previous,
        coalesce(sum(logins) over month, 0) as logins_28d,
        coalesce(logins, 0) as logins_7d,
        coalesce(sum(workflows) over month, 0) as core_workflows_28d,
        coalesce(sum(bit_count(days)) over month, 0) as active_days_28d,
        coalesce(sum(change) over past, 0) as active_users_28d,
        coalesce(bit_count(bit_or(features) over month), 0) as features_28d,
        coalesce(
            bit_count(
                bit_or(features) over month
                & (
                    select bit_or(cast(1 as ubigint) << enum_code(name))
                    from (
                        select unnest(cast(['dashboards', 'reports', 'sharing', 'alerts', 'api'] as feature_name[]))
                            as name
                    )
                )
            ) / 5,
            0
        ) as core_adoption_28d,
        coalesce(sum(seconds) over month, 0) / 60 as minutes_28d
    from read_csv($accounts)
    cross join weeks
    left join partials using (account_id, week)
    left join users using (account_id, week)
    window
        past as (partition by account_id order by week rows unbounded preceding),
        month as (partition by account_id order by week rows 3 preceding),
        month_before as (partition by account_id order by week rows between 7 preceding and 4 preceding)
    qualify signup_date < week_end
) to '$out' (format parquet);
