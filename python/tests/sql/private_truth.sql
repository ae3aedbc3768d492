select count(*) as n_users from app.users
