// An OpenID Provider on loopback: oauth2-mock-server of npm, which asks the user nothing and accepts every client.
//
// usage: node server.mjs SITE ID LIFETIME
//
// Prints its issuer and a client, as one line of JSON. It ends when its standard input does.
import process from 'node:process';
import { OAuth2Server } from 'oauth2-mock-server';

const lifetime = Number(process.argv[4]);

const server = new OAuth2Server();
await server.issuer.keys.generate('RS256');
await server.start(0, '127.0.0.1');
// Its own choice is `localhost`, the host of the site, which would make the two one site for the browser's cookies.
server.issuer.url = `http://127.0.0.1:${server.address().port}`;
server.service.on('beforeResponse', ({ body }) => {
  if (body !== '' && 'expires_in' in body) body.expires_in = lifetime;
});
server.service.on('beforeUserinfo', ({ body }) => {
  Object.assign(body, { name: 'Ada Lovelace', email: 'ada@example.test', email_verified: true });
});
console.log(JSON.stringify({ issuer: server.issuer.url, client_id: 'aura' }));

process.stdin.resume();
process.stdin.on('end', () => process.exit());
