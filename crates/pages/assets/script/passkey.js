// Passkeys: a form marked data-passkey asks the desk what to sign (data-ask), lets the device sign it, and sends the answer
// as the form's hidden fields. A confirmation is sent in place, and then whatever form was kept on the page goes on.
(() => {
  "use strict";
  const forms = document.querySelectorAll("form[data-passkey]");
  if (forms.length === 0) return;

  const bytes = (text) => {
    const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(plain, (symbol) => symbol.charCodeAt(0));
  };
  const text = (buffer) => {
    const plain = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
    return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  };
  const known = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

  async function signed(use, options) {
    const publicKey = { ...options, challenge: bytes(options.challenge) };
    if (use === "enrol") {
      publicKey.user = { ...options.user, id: bytes(options.user.id) };
      publicKey.excludeCredentials = known(options.excludeCredentials);
      return navigator.credentials.create({ publicKey });
    }
    publicKey.allowCredentials = known(options.allowCredentials);
    return navigator.credentials.get({ publicKey });
  }

  function answer(credential) {
    const { response } = credential;
    const parts = { clientDataJSON: text(response.clientDataJSON) };
    if (response.attestationObject) {
      parts.attestationObject = text(response.attestationObject);
      parts.transports = response.getTransports?.() ?? [];
    } else {
      parts.authenticatorData = text(response.authenticatorData);
      parts.signature = text(response.signature);
      if (response.userHandle) parts.userHandle = text(response.userHandle);
    }
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response: parts,
      extensions: {},
    });
  }

  async function post(address, fields) {
    const answered = await fetch(address, {
      method: "POST",
      headers: { accept: "application/json" },
      body: new URLSearchParams(fields),
      redirect: "error",
    });
    if (answered.ok) return answered.status === 204 ? null : answered.json();
    const problem = await answered.json().catch(() => ({}));
    throw new Error(problem.detail ?? "The desk did not answer as expected. Reload the page and try again.");
  }

  const said = (error) => {
    switch (error.name) {
      case "NotAllowedError":
      case "AbortError":
        return "No passkey was used: it was not confirmed, took too long, or this device has none for this desk.";
      case "InvalidStateError":
        return "This device has a passkey for your account already.";
      case "SecurityError":
        return "This page's address is not the one that passkeys of this desk belong to. Open the desk at its own address.";
      default:
        return error.message;
    }
  };

  const tell = (place, words, failed) => {
    place.classList.toggle("failed", failed);
    place.textContent = words;
  };

  async function run(form, place) {
    const use = form.dataset.passkey;
    const asked = await post(form.dataset.ask, {});
    tell(place, "Your device asks you now.", false);
    const credential = await signed(use, asked.options);
    form.elements.namedItem("handle").value = asked.handle;
    form.elements.namedItem("answer").value = answer(credential);
    if (use !== "confirm") {
      form.submit();
      return;
    }
    await post(form.action, new FormData(form));
    const kept = document.getElementById("kept-form");
    if (kept) kept.submit();
    else location.reload();
  }

  for (const form of forms) {
    const place = form.querySelector("[data-said]");
    const button = form.querySelector("button");
    if (!window.PublicKeyCredential) {
      tell(place, "This browser has no passkeys, or the page was not opened over https.", true);
      continue;
    }
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      tell(place, "", false);
      try {
        await run(form, place);
      } catch (error) {
        tell(place, said(error), true);
        button.disabled = false;
      }
    });
  }
})();
