// What the browser knows of the sign-in: a fresh form token, and whether the session is still there.

export class SignedOut extends Error {}

function everyTokenField() {
  return document.querySelectorAll("input[name=csrf_token]");
}

export function currentToken() {
  return document.body.dataset.token ?? "";
}

function useToken(token) {
  document.body.dataset.token = token;
  document.body.setAttribute("hx-headers:inherited", JSON.stringify({ "X-CSRFToken": token }));
  for (const field of everyTokenField()) field.value = token;
}

// Asks for a fresh token. Does not lengthen the session.
// Gives "same" when the person who opened the page is signed in, "other" when someone else is, null when nobody is.
export async function whoIsSignedIn() {
  const address = document.body.dataset.tokenUrl;
  if (!address) return null;
  const answer = await fetch(address, { headers: { Accept: "application/json" }, cache: "no-store" });
  if (!answer.ok) return null;
  const { token, person } = await answer.json();
  if (person !== (document.body.dataset.person ?? "")) return "other";
  useToken(token);
  return "same";
}

// Tells the server that a person is at work here. Gives false when the session has already ended.
export async function stayedAtWork() {
  const address = document.body.dataset.stayUrl;
  if (!address) return true;
  const answer = await fetch(address, { method: "POST", headers: { "X-CSRFToken": currentToken() } });
  return answer.ok;
}
