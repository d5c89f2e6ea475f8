// Apart from the page, because its content security policy allows no script within it.
const main = document.getElementById("swagger");
SwaggerUIBundle({
  url: main.dataset.document,
  domNode: main,
  deepLinking: true,
  displayOperationId: true,
  displayRequestDuration: true,
  filter: true,
  tryItOutEnabled: true,
  persistAuthorization: false,
  validatorUrl: null,
  // The API answers in the language of the page.
  requestInterceptor: (request) => {
    request.headers["Accept-Language"] = document.documentElement.lang;
    return request;
  },
});
