// The one script of this house, on the two pages on which a passkey is used: a page cannot ask for one without.
// It asks the browser what the form says, writes the answer into the form, and sends it as any form is sent.
"use strict";

const form = document.querySelector("form[data-passkey]");
const said = form.querySelector("[role=status]");
const say = (text) => { said.textContent = text; };

const reasons = {
  InvalidStateError: "This device has a passkey of your account already.",
  NotAllowedError: "No passkey was used, or it took too long. Press the button to try again.",
  SecurityError: "This page stands at another address than passkeys of this house are bound to.",
};

async function answer() {
  const options = JSON.parse(form.dataset.options);
  const kind = PublicKeyCredential;
  return form.dataset.passkey === "create"
    ? navigator.credentials.create({ publicKey: kind.parseCreationOptionsFromJSON(options) })
    : navigator.credentials.get({ publicKey: kind.parseRequestOptionsFromJSON(options) });
}

async function use() {
  if (!window.PublicKeyCredential?.parseCreationOptionsFromJSON) {
    say("This browser is too old for passkeys, or this page did not come by https.");
    return;
  }
  say("Your browser asks for your passkey.");
  try {
    form.elements.credential.value = JSON.stringify(await answer());
  } catch (error) {
    say(reasons[error.name] ?? `That did not work: ${error.message}`);
    return;
  }
  form.submit();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  use();
});
// Whoever comes here from the sign-in page has pressed a button for it a moment ago.
if ("now" in form.dataset) use();
