from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal_column, select

from app.access.models import Client, ClientKey, Membership, User
from app.accounts.models import SignIn
from app.accounts.schemas import (
    ClientKeyOut,
    ClientKeyQuery,
    ClientOut,
    ClientQuery,
    MembershipOut,
    MembershipQuery,
    SignInOut,
    SignInQuery,
    UserOut,
    UserQuery,
)
from app.core.view_statements import Statement
from app.core.views import View

_ME = """
  select convert_to(json_build_object('id', me.id, 'name', me.name, 'email', {email},
      'organization', json_build_object('id', o.id, 'code', o.code, 'kind', o.kind,
        'name_vi', o.name_vi, 'name_en', o.name_en))::text, 'UTF8') as body,
    null::text as place, null::text as tag, null::text as whose
  from {accounts} me, organizations o where me.id = $1::uuid and o.id = $2::uuid
"""
_OWN = (("subject", None), ("organization", None))
ME_AS_PERSON = Statement(_ME.format(accounts="users", email="me.email"), _OWN)
ME_AS_PROGRAM = Statement(_ME.format(accounts="clients", email="null"), _OWN)
"""Who calls, and the organisation that they act for."""


def users_matching(query: UserQuery) -> Select[Any]:
    statement = select(User)
    if query.email is not None:
        statement = statement.where(func.lower(User.email) == func.lower(query.email))
    if query.disabled is not None:
        statement = statement.where(_is_set(User.disabled_at) == query.disabled)
    if query.organization is not None or query.role is not None:
        member = select(Membership.id).where(
            Membership.user_id == User.id, Membership.ended_at.is_(None)
        )
        if query.organization is not None:
            member = member.where(Membership.organization_id == query.organization)
        if query.role is not None:
            member = member.where(Membership.role == query.role)
        statement = statement.where(member.exists())
    return statement


def memberships_matching(query: MembershipQuery) -> Select[Any]:
    statement = select(Membership)
    if query.user is not None:
        statement = statement.where(Membership.user_id == query.user)
    if query.organization is not None:
        statement = statement.where(Membership.organization_id == query.organization)
    if query.ended is not None:
        statement = statement.where(_is_set(Membership.ended_at) == query.ended)
    return statement


def sign_ins_matching(query: SignInQuery) -> Select[Any]:
    statement = select(SignIn)
    if query.user is not None:
        statement = statement.where(SignIn.user_id == query.user)
    if query.live is not None:
        lasts = SignIn.ended_at.is_(None) & (SignIn.expires_at > func.now())
        statement = statement.where(lasts == query.live)
    return statement


def clients_matching(query: ClientQuery) -> Select[Any]:
    statement = select(Client)
    if query.organization is not None:
        statement = statement.where(Client.organization_id == query.organization)
    if query.revoked is not None:
        statement = statement.where(_is_set(Client.revoked_at) == query.revoked)
    return statement


def client_keys_matching(query: ClientKeyQuery) -> Select[Any]:
    statement = select(ClientKey)
    if query.client is not None:
        statement = statement.where(ClientKey.client_id == query.client)
    if query.revoked is not None:
        statement = statement.where(_is_set(ClientKey.revoked_at) == query.revoked)
    return statement


def _is_set(column: Any) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.is_not(None)
    return found


def _stamp(kind: Any) -> ColumnElement[Any]:
    """A use is no change of the row, but of what is shown of it."""
    return func.concat(kind.version, kind.last_used_at)


_kind = case(
    (ClientKey.secret_hash.is_not(None), literal_column("'secret'")),
    else_=literal_column("'public_key'"),
)

users = View(User, UserOut, users_matching)
memberships = View(Membership, MembershipOut, memberships_matching)
sign_ins = View(
    SignIn,
    SignInOut,
    sign_ins_matching,
    stamp=_stamp(SignIn),
)
clients = View(
    Client,
    ClientOut,
    clients_matching,
    stamp=_stamp(Client),
)
client_keys = View(
    ClientKey,
    ClientKeyOut,
    client_keys_matching,
    columns={"kind": _kind},
    stamp=_stamp(ClientKey),
)
