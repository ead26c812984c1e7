// The console's own script: gives GraphiQL a fetcher that states the purpose, and says in words how complete an
// answer is. It keeps nothing in the browser: what was asked may name a child, and the computer may be shared.
"use strict";

(() => {
  const root = document.getElementById("graphiql");
  const purpose = document.getElementById("purpose");
  const outcome = document.getElementById("outcome");

  const say = (text, tone = "", link = null) => {
    outcome.className = `outcome ${tone}`.trim();
    outcome.textContent = text;
    if (link !== null) {
      const anchor = document.createElement("a");
      anchor.href = link.href;
      anchor.textContent = link.text;
      outcome.append(" ", anchor);
    }
  };

  const refused = (message) => ({ errors: [{ message }] });

  // Storage that GraphiQL takes for localStorage and that ends with the page.
  const storage = (() => {
    const items = new Map();
    return {
      getItem: (key) => (items.has(key) ? items.get(key) : null),
      setItem: (key, value) => void items.set(key, String(value)),
      removeItem: (key) => void items.delete(key),
      clear: () => items.clear(),
      get length() {
        return items.size;
      },
    };
  })();

  const listed = (values) => [...new Set(values.filter(Boolean))].join(", ");
  const count = (number, one, many) => `${number} ${number === 1 ? one : many}`;

  // What is missing is said before what is there: a gap must never read as "no concerns".
  const report = (result) => {
    const cps = result && result.extensions && result.extensions.cps;
    const errors = (result && result.errors) || [];
    if (!cps) {
      if (errors.length > 0) {
        say(`The query was not answered in full: ${count(errors.length, "error", "errors")}.`, "bad");
      } else {
        say("Answered.");
      }
      return;
    }
    const { asked = [], answered = [], unavailable = [], withheld = [], listed: only = [] } = cps;
    const parts = [];
    if (unavailable.length > 0) {
      parts.push(`Not complete: no answer from agency ${listed(unavailable.map((entry) => entry.agency))}.`);
    }
    if (withheld.length > 0) {
      const from = listed(withheld.map((entry) => entry.agency || entry.sector));
      parts.push(`${count(withheld.length, "part", "parts")} withheld${from ? ` (${from})` : ""}.`);
    }
    if (only.length > 0) {
      parts.push(`Holds a record but only says so: agency ${listed(only)}.`);
    }
    parts.push(`${answered.length} of ${count(asked.length, "agency", "agencies")} answered.`);
    if (cps.auditId) {
      parts.push(`Audit entry ${cps.auditId}.`);
    }
    const tone = unavailable.length > 0 ? "bad" : withheld.length + only.length + errors.length > 0 ? "warn" : "";
    say(parts.join(" "), tone);
  };

  const fetcher = async (request, options = {}) => {
    const introspection = request.operationName === "IntrospectionQuery";
    purpose.classList.toggle("missing", !introspection && purpose.value === "");
    if (!introspection && purpose.value === "") {
      purpose.focus();
      say("Choose the purpose of this query first.", "warn");
      return refused("choose the purpose of this query first, at the top of the page");
    }
    const headers = new Headers(options.headers || {});
    headers.set("accept", "application/graphql-response+json, application/json;q=0.9");
    headers.set("content-type", "application/json");
    headers.set("cps-console", "1");
    headers.delete("cps-purpose");
    if (purpose.value !== "") {
      headers.set("cps-purpose", purpose.value);
    }
    let response;
    let result;
    try {
      response = await fetch(root.dataset.endpoint, {
        method: "POST",
        headers,
        body: JSON.stringify(request),
        credentials: "same-origin",
        cache: "no-store",
        redirect: "error",
      });
      result = await response.json();
    } catch {
      const status = response ? ` (status ${response.status})` : "";
      say(`The gateway did not answer${status}. Nothing is known of what the agencies hold.`, "bad");
      return refused(`the gateway did not answer${status}`);
    }
    if (response.status === 401) {
      say("You are no longer signed in.", "bad", { href: "/auth/login", text: "Sign in again" });
    } else if (!introspection) {
      report(result);
    } else if (!response.ok || (result.errors || []).length > 0) {
      say("The schema could not be read, so the editor can't complete or check your queries.", "warn");
    }
    return result;
  };

  purpose.addEventListener("change", () => purpose.classList.remove("missing"));

  ReactDOM.createRoot(root).render(
    React.createElement(GraphiQL, {
      fetcher,
      storage,
      defaultQuery: root.dataset.query,
      forcedTheme: "light",
      shouldPersistHeaders: false,
    }),
  );
})();
