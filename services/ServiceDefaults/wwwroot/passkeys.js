// Forms that need a passkey: asks the browser for it, and sends the form with the answer. Without script, or in a browser without passkeys, they stay hidden; a password and a code do.
const able = window.PublicKeyCredential?.parseRequestOptionsFromJSON !== undefined;

for (const form of able ? document.querySelectorAll("form[data-passkey]") : []) {
  const problem = form.querySelector("[role=alert]");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.textContent = "";
    try {
      const answer = await fetch(form.dataset.passkey, {
        method: "POST",
        headers: { RequestVerificationToken: form.elements["__RequestVerificationToken"].value, Accept: "application/json" },
      });
      if (!answer.ok) {
        problem.textContent = answer.status === 429 ? "There were many tries within a minute. Wait a minute and try again." : "That didn't work. Load the page again and repeat it.";
        return;
      }

      const options = await answer.json();
      const credential = "rp" in options
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
      form.elements["Credential"].value = JSON.stringify(credential);
      form.submit();
    } catch (error) {
      problem.textContent = error.name === "InvalidStateError" ? "This device has a passkey for this account already."
        : error.name === "NotAllowedError" ? "Nothing was chosen, or it took too long. Try again."
        : "The browser couldn't do that: " + error.message;
    }
  });
}
