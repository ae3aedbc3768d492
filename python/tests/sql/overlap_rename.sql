alter schema app rename to old_app;
