// An OpenID Provider on loopback: oauth2-mock-server of npm, which asks the user nothing and accepts every client.
//
// usage: node server.mjs REDIRECT_URI POST_LOGOUT_REDIRECT_URI
//
// Prints its issuer and a client, as one line of JSON. It ends when its standard input does.
import process from 'node:process';
import { OAuth2Server } from 'oauth2-mock-server';

// Shorter than the time before expiry at which a client renews, so that every client with a refresh token uses it.
const LIFETIME = 30;

const server = new OAuth2Server();
await server.issuer.keys.generate('RS256');
await server.start(0, '127.0.0.1');
// Its own choice is `localhost`, the host of the site, which would make the two one site for the browser's cookies.
server.issuer.url = `http://127.0.0.1:${server.address().port}`;
server.service.on('beforeResponse', ({ body }) => {
  if (body !== '' && 'expires_in' in body) body.expires_in = LIFETIME;
});
server.service.on('beforeUserinfo', ({ body }) => {
  Object.assign(body, { name: 'Ada Lovelace', email: 'ada@example.test', email_verified: true });
});
console.log(JSON.stringify({ issuer: server.issuer.url, client_id: 'aura' }));

process.stdin.resume();
process.stdin.on('end', () => process.exit());
