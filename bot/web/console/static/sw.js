"use strict";
// Without a network the pages opened last are shown as they were; changes always need the network. Leaving clears it all.
const NAME = "visitbot-console-1";
const KEEP = 40;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(NAME).then((c) => c.addAll(["/app/static/console.css", "/app/static/console.js"])).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((n) => n !== NAME).map((n) => caches.delete(n)))).then(() => self.clients.claim()));
});

// A page from the cache says so.
async function stale(kept) {
  if (!kept.headers.get("Content-Type")?.startsWith("text/html")) return kept;
  const text = (await kept.text()).replace("id=offline class=offline hidden", "id=offline class=offline");
  return new Response(text, { headers: kept.headers });
}

async function tidy(cache) {
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - KEEP)).map((k) => cache.delete(k)));
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const page = url.pathname.startsWith("/app") && !/^\/app\/(login|logout|import|sw\.js)/.test(url.pathname);
  if (request.method !== "GET" || url.origin !== location.origin || !page) return;
  event.respondWith((async () => {
    const cache = await caches.open(NAME);
    try {
      const answer = await fetch(request);
      if (answer.ok && !answer.redirected) {
        await cache.put(request, answer.clone());
        await tidy(cache);
      } else if (answer.status === 401) {
        await caches.delete(NAME); // somebody else's session must not see these pages
      }
      return answer;
    } catch {
      const kept = (await cache.match(request)) ?? (request.mode === "navigate" ? await cache.match("/app/week") : undefined);
      return kept ? stale(kept) : Response.error();
    }
  })());
});
