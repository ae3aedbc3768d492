create schema written;
