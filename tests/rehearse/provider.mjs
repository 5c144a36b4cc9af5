// An identity provider that is not ours: oidc-provider, told who there is. Usage: node provider.mjs FACTS.json
//
// Its pages are two buttons; what it says about who signed in, and how that is signed, is its own.

import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import Provider from "oidc-provider";

const facts = JSON.parse(readFileSync(process.argv[2], "utf-8"));
const people = new Map(facts.people.map((person) => [person.subject, person]));
const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });

const provider = new Provider(facts.issuer, {
  clients: [{
    client_id: facts.client_id,
    client_secret: facts.client_secret,
    redirect_uris: facts.redirect_uris,
    post_logout_redirect_uris: facts.post_logout_redirect_uris,
    grant_types: ["authorization_code"],
    response_types: ["code"],
    id_token_signed_response_alg: "ES256",
  }],
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), alg: "ES256", use: "sig" }] },
  cookies: { keys: [randomBytes(32).toString("hex")] },
  claims: { openid: ["sub", "amr", "acr", "auth_time"] },
  features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  pkce: { required: () => true },
  // The portal asks for no consent: its people’s employer has agreed for them
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope("openid");
    await grant.save();
    return grant;
  },
  findAccount: (_ctx, subject) => people.has(subject)
    ? { accountId: subject, claims: () => ({ sub: subject }) }
    : undefined,
});

const escaped = (text) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

provider.use(async (ctx, next) => {
  const found = /^\/interaction\/([\w-]+)$/.exec(ctx.path);
  if (!found) return next();
  if (ctx.method === "GET") {
    const buttons = [...people.values()].map((person) =>
      `<p><button name="subject" value="${escaped(person.subject)}">${escaped(person.name)}</button></p>`);
    ctx.type = "html";
    ctx.body = `<!DOCTYPE html><html lang="en"><title>Sign in</title><h1>Choose who to sign in as</h1>
      <form method="post" action="${escaped(ctx.path)}">${buttons.join("")}</form>`;
    return undefined;
  }
  let body = "";
  for await (const part of ctx.req) body += part;
  const subject = new URLSearchParams(body).get("subject");
  return provider.interactionFinished(ctx.req, ctx.res, {
    login: { accountId: subject, acr: facts.acr, amr: ["pwd", "otp", "mfa"] },
  });
});

createServer({ cert: readFileSync(facts.certificate), key: readFileSync(facts.key) }, provider.callback())
  .listen(facts.port, "127.0.0.1");
