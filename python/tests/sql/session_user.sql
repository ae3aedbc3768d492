-- Who a session works as, and whether over TLS.
select
    current_user::text as name,
    (select ssl from pg_stat_ssl where pid = pg_backend_pid()) as has_tls;
