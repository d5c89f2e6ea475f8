"""Which sign-in a token belongs to, so that it can be ended (RFC 7009)."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.tokens import InvalidToken, TokenVerifier
from app.accounts.models import SignIn
from app.oauth.errors import OAuthError
from app.oauth.grants import hashed
from app.oauth.models import RefreshToken


async def sign_in_of(session: AsyncSession, verifier: TokenVerifier, token: str) -> SignIn | None:
    """None for what is no token of ours. Raises OAuthError for a program's own."""
    kept = await session.get(RefreshToken, hashed(token))
    if kept is not None:
        return await _locked(session, kept.sign_in_id)
    try:
        claims = verifier.verify(token).claims
    except InvalidToken:
        return None
    if "sid" not in claims:
        raise OAuthError("unsupported_token_type", "A program's own token cannot be revoked.")
    return await _locked(session, UUID(claims["sid"]))


async def _locked(session: AsyncSession, id: UUID) -> SignIn | None:
    return await session.get(SignIn, id, with_for_update=True)
