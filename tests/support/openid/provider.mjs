// A certified OpenID provider (npm oidc-provider) with its defaults; whom it knows and for whom it works stands in the file named.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import Provider from 'oidc-provider';

const told = JSON.parse(readFileSync(process.argv[2], 'utf-8'));
const issuer = `https://127.0.0.1:${told.port}`;
const provider = new Provider(issuer, {
  clients: told.clients,
  claims: { profile: told.profile, email: ['email', 'email_verified'], phone: ['phone_number'] },
  findAccount: (_, sub) => (sub in told.accounts ? { accountId: sub, claims: () => ({ sub, ...told.accounts[sub] }) } : undefined),
});
createServer({ key: told.key, cert: told.certificate }, provider.callback()).listen(told.port, '127.0.0.1', () => {
  console.log(JSON.stringify({ ready: 'provider', issuer }));
});
