// A certified OpenID Provider on loopback: oidc-provider, with its own pages for sign-in and consent.
//
// usage: node server.mjs [port]
//
// Prints its issuer and an account, as one line of JSON. Clients register themselves at its registration_endpoint
// (RFC 7591). It exits when its standard input ends, so that it never outlives the process that started it.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import process from 'node:process';

// The settings here are not for production, on purpose. The library must not warn: standard output is for one line.
console.info = () => {};
console.warn = () => {};
const { Provider } = await import('oidc-provider');

const ACCOUNT = 'ada';

// In seconds. A client renews in the second half of a token's life at the earliest; one of this name soon gets there.
const ACCESS_TOKEN_LIFETIME = (client) => (client.clientName === 'short-lived' ? 4 : 600);

function key(type, options, alg) {
  const { privateKey } = generateKeyPairSync(type, options);
  return { ...privateKey.export({ format: 'jwk' }), alg, kid: alg, use: 'sig' };
}

function account(id) {
  if (id !== ACCOUNT) return undefined;
  const email = `${id}@example.test`;
  return {
    accountId: id,
    claims: () => ({ sub: id, name: 'Ada Lovelace', email, email_verified: true }),
  };
}

const configuration = {
  jwks: {
    keys: [
      key('rsa', { modulusLength: 2048 }, 'RS256'),
      key('rsa', { modulusLength: 2048 }, 'PS256'),
      key('ec', { namedCurve: 'P-256' }, 'ES256'),
      key('ed25519', {}, 'EdDSA'),
    ],
  },
  cookies: { keys: [randomBytes(32).toString('base64url')] },
  claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
  findAccount: (_ctx, id) => account(id),
  enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA', 'HS256'] },
  features: {
    devInteractions: { enabled: true },
    registration: { enabled: true },
    pushedAuthorizationRequests: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    backchannelLogout: { enabled: true },
    revocation: { enabled: true },
    jwtUserinfo: { enabled: true },
    dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
  },
  ttl: { AccessToken: (_ctx, _token, client) => ACCESS_TOKEN_LIFETIME(client) },
  rotateRefreshToken: true,
  // The library refuses to reach this machine, where every client of this provider is.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
};

const server = createServer();
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, configuration);
  for (const trouble of ['server_error', 'backchannel.error']) {
    provider.on(trouble, (_ctx, error) => console.error(`${trouble}: ${error.stack}`));
  }
  server.on('request', provider.callback());
  console.log(JSON.stringify({ issuer, account: ACCOUNT }));
});

process.stdin.resume();
process.stdin.on('end', () => process.exit());
