-- name: app_schema
-- params: {schema} an existing schema
-- returns: nothing; makes the application's tables without constraints or indexes, to be loaded first
-- The names are what an ORM makes: quoted camelCase. Keys follow in app_constraints.

create table {schema}.users (
    id bigint,
    username text,
    email text,
    "displayName" text,
    phone text,
    "avatarUrl" text,
    bio text,
    "lastDevice" text,
    "createdAt" timestamptz,
    "updatedAt" timestamptz
);

create table {schema}.conversations (
    id bigint,
    type text,
    name text,
    "createdAt" timestamptz,
    "updatedAt" timestamptz
);

create table {schema}.conversation_users (
    "conversationId" bigint,
    "userId" bigint,
    role text,
    "isActive" boolean,
    "joinedAt" timestamptz
);

create table {schema}.messages (
    id bigint,
    "conversationId" bigint,
    "senderId" bigint,
    type text,
    content text,
    "createdAt" timestamptz
);

create table {schema}.attachments (
    id bigint,
    "messageId" bigint,
    type text,
    "fileName" text,
    url text,
    "sizeBytes" bigint,
    "createdAt" timestamptz
);

create table {schema}.message_reads (
    "messageId" bigint,
    "userId" bigint,
    "readAt" timestamptz
);
