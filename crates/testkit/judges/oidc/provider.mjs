// An OpenID provider that we did not write, with a browser for it: reads one JSON request a line, answers with one.
//   {"visit": ADDRESS, "as": SUBJECT}  a browser goes there, signs in, agrees; {"back": ADDRESS} is where it is sent.
//   {"rotate": true}                   new keys from now on, the old ones unpublished.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import Provider from "oidc-provider";

console.info = console.warn = console.error;

const [redirect, client, secret] = process.argv.slice(2);
let handler;
const server = createServer((request, response) => handler(request, response));
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

function provider() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), use: "sig", alg: "RS256" };
  const made = new Provider(issuer, {
    clients: [{
      client_id: client,
      client_secret: secret,
      redirect_uris: [redirect],
      grant_types: ["authorization_code"],
      response_types: ["code"],
    }],
    jwks: { keys: [key] },
    cookies: { keys: [randomUUID()] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    claims: { openid: ["sub", "preferred_username"] },
    conformIdTokenClaims: false,
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, preferred_username: `name of ${id}` }) }),
    interactions: { url: (_, interaction) => `/sign-in/${interaction.uid}` },
  });
  const callback = made.callback();
  handler = async (request, response) => {
    if (!request.url.startsWith("/sign-in/")) return callback(request, response);
    try {
      const details = await made.interactionDetails(request, response);
      const subject = request.headers["x-subject"];
      const grant = new made.Grant({ accountId: subject, clientId: details.params.client_id });
      grant.addOIDCScope(details.params.scope);
      await made.interactionFinished(request, response, {
        login: { accountId: subject },
        consent: { grantId: await grant.save() },
      });
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  };
}

async function visit(address, subject) {
  const cookies = new Map();
  for (let step = 0; step < 10; step += 1) {
    const answer = await fetch(address, {
      redirect: "manual",
      headers: {
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        "x-subject": subject,
      },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [name, value] = line.split(";")[0].split(/=(.*)/s);
      cookies.set(name, value);
    }
    const to = answer.headers.get("location");
    if (!to) return { status: answer.status, text: (await answer.text()).slice(0, 500) };
    address = new URL(to, address).href;
    if (!address.startsWith(issuer)) return { back: address };
  }
  return { status: 0, text: "redirects without end" };
}

provider();
console.log(JSON.stringify({ issuer }));
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  if (asked.rotate) provider();
  console.log(JSON.stringify(asked.rotate ? { rotated: true } : await visit(asked.visit, asked.as)));
}
process.exit(0);
