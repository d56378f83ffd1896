// Script of the examples' pages: requests that change something carry a CSRF token.

const post = async (url) => {
  const { csrfToken } = await (await fetch("/auth/csrfToken")).json();
  return fetch(url, { method: "POST", headers: { "X-CSRF-Token": csrfToken } });
};

document.querySelector("#greet")?.addEventListener("click", async () => {
  const answer = await (await post("/api/greeting")).json();
  document.querySelector("#greeting").textContent = answer.greeting ?? answer.message;
});

document.querySelector("#sign-out")?.addEventListener("click", async () => {
  await post("/auth/signOut?token_type_hint=session_token");
  location.assign("/");
});
