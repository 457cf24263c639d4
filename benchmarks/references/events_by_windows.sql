-- Every metric of usage on every week end: each event joined to the windows it lies in, then one group-by.
with weeks as (
    select unnest(generate_series(cast($first as timestamp), cast($end as timestamp), interval 7 days)) as week_end
),
windowed as (
    select
        account_id,
        week_end,
        max("at") as last_seen,
        count(*) as events_28d,
        count(*) filter (event = 'login') as logins_28d,
        count(*) filter ("at" >= week_end - interval 7 days and event = 'login') as logins_7d,
        count(*) filter (event = 'workflow_completed') as core_workflows_28d,
        count(distinct cast("at" as date)) as active_days_28d,
        count(distinct user_id) as active_users_28d,
        count(distinct feature) as features_28d,
        count(distinct feature) filter (
            feature in ('dashboards', 'reports', 'sharing', 'alerts', 'api')
        ) / 5 as core_adoption_28d,
        sum(seconds) / 60 as minutes_28d
    from read_parquet($usage)
    join weeks on "at" >= week_end - interval 28 days and "at" < week_end
    group by account_id, week_end
),
panel as (
    select account_id, signup_date, week_end
    from read_csv($accounts), weeks
    where signup_date < week_end
)
select
    account_id,
    week_end,
    date_diff('day', cast(max(last_seen) over history as date), cast(week_end as date)) // 7 as weeks_since_active,
    coalesce(events_28d, 0) as events_28d,
    coalesce(lag(events_28d, 4) over history, 0) as events_28d_previous,
    coalesce(logins_28d, 0) as logins_28d,
    coalesce(logins_7d, 0) as logins_7d,
    coalesce(core_workflows_28d, 0) as core_workflows_28d,
    coalesce(active_days_28d, 0) as active_days_28d,
    coalesce(active_users_28d, 0) as active_users_28d,
    coalesce(features_28d, 0) as features_28d,
    coalesce(core_adoption_28d, 0) as core_adoption_28d,
    coalesce(minutes_28d, 0) as minutes_28d
from panel
left join windowed using (account_id, week_end)
window history as (partition by account_id order by week_end)
