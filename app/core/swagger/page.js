// Apart from the page, because its content security policy allows no script within it.
const main = document.getElementById("swagger");

// Access tokens last for minutes, and a day's work for hours: so the one that a request would carry
// is exchanged for the next before it expires. Nothing is kept when the page is closed.
const EARLY = 30_000; // milliseconds
let signedIn = null;

function remember(token) {
  const lasts = token.expires_in * 1000;
  signedIn = { ...token, first: signedIn?.first ?? token.access_token, until: Date.now() + lasts };
}

async function refresh() {
  const form = { grant_type: "refresh_token", client_id: "swagger-ui", refresh_token: signedIn.refresh_token };
  const answer = await fetch("/oauth/token", { method: "POST", body: new URLSearchParams(form) });
  if (answer.ok) remember(await answer.json());
}

async function withLivingToken(request) {
  if (request.headers.Authorization !== `Bearer ${signedIn?.first}`) return;
  if (signedIn.until - EARLY < Date.now()) {
    // Many requests at once share one exchange: each refresh token is good once.
    signedIn.refreshing ??= refresh().finally(() => delete signedIn.refreshing);
    await signedIn.refreshing;
  }
  request.headers.Authorization = `Bearer ${signedIn.access_token}`;
}

const ui = SwaggerUIBundle({
  url: main.dataset.document,
  domNode: main,
  deepLinking: true,
  // Sections are an overview; and Swagger UI 5.35 leaves out most of more than 140 operations at once.
  docExpansion: "none",
  displayOperationId: true,
  displayRequestDuration: true,
  filter: true,
  tryItOutEnabled: true,
  persistAuthorization: false,
  validatorUrl: null,
  oauth2RedirectUrl: `${location.origin}/docs/signed-in`,
  // The API answers in the language of the page.
  requestInterceptor: async (request) => {
    request.headers["Accept-Language"] = document.documentElement.lang;
    await withLivingToken(request);
    return request;
  },
  responseInterceptor: (response) => {
    if (response.ok && new URL(response.url).pathname === "/oauth/token" && response.obj?.refresh_token) {
      signedIn = null;
      remember(response.obj);
    }
    return response;
  },
});
ui.initOAuth({
  clientId: "swagger-ui",
  usePkceWithAuthorizationCodeGrant: true,
  additionalQueryStringParams: { ui_locales: document.documentElement.lang },
});
// The dialog would open at its end, where the last field is.
document.addEventListener("click", (event) => {
  if (event.target.closest(".auth-wrapper > .authorize, .authorization__btn"))
    setTimeout(() => document.querySelector(".modal-ux-content")?.scrollTo(0, 0));
});
