// An OpenID provider for tests: `node provider.mjs ACCOUNTS`, where ACCOUNTS is JSON of what access
// tokens say of each account besides its name. Prints its issuer once it listens, and ends with
// its standard input.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const accounts = JSON.parse(process.argv[2]);

function key(kid, alg, ...kind) {
  const { privateKey } = generateKeyPairSync(...kind);
  return { ...privateKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
}

const configuration = {
  clients: [
    {
      client_id: 'portal',
      token_endpoint_auth_method: 'none',
      redirect_uris: ['https://portal.example/callback'],
    },
    {
      client_id: 'robot',
      client_secret: 'of a robot',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    },
  ],
  cookies: { keys: ['for tests only'] },
  jwks: {
    keys: [
      key('r', 'RS256', 'rsa', { modulusLength: 2048 }),
      key('e', 'ES256', 'ec', { namedCurve: 'P-256' }),
    ],
  },
  findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  extraTokenClaims: (ctx, token) => accounts[token.accountId ?? token.clientId],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: true },
    resourceIndicators: {
      enabled: true,
      // The resource's path is the algorithm that its tokens are signed with.
      getResourceServerInfo: (ctx, resource) => ({
        scope: 'use',
        audience: 'banggiao',
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: new URL(resource).pathname.slice(1) } },
      }),
    },
  },
};

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  server.on('request', new Provider(issuer, configuration).callback());
  console.log(issuer);
});
process.stdin.on('end', () => process.exit()).resume();
