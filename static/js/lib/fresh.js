/** The page as the server writes it now: in its words, and for who looks. */

/** @returns {Promise<Document | null>} null when it is not to be had at the moment; throws TypeError without a line */
export async function freshPage() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
}
