// The control API: what the page asks of the service, and the stream of what happens there.

export class Refused extends Error {}

async function answer(response) {
  const body = await response.json().catch(() => ({ error: `${response.status} ${response.statusText}` }));
  if (!response.ok) throw new Refused(body.error ?? body.detail ?? response.statusText);
  return body;
}

export const get = async (path) => answer(await fetch(path));

export const post = async (path, body = {}) =>
  answer(await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  }));

export function stream(after, { change, online }) {
  const source = new EventSource(`/control/stream?after=${after}`);
  source.onmessage = (event) => change(JSON.parse(event.data));
  source.onopen = () => online(true);
  source.onerror = () => online(false);
  return source;
}
