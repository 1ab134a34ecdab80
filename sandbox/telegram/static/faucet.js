// Test money for an address that the chat has shown, or that the user types.

import { post, Refused } from "./api.js";
import { dialog, el, toast } from "./dom.js";

const ADDRESS = /(?<![1-9A-HJ-NP-Za-km-z])[1-9A-HJ-NP-Za-km-z]{32,44}(?![1-9A-HJ-NP-Za-km-z])/g;

// Newest first; a wallet's address stands in code, so that it can be tapped and copied.
export function addressIn(messages) {
  for (const message of [...messages].reverse()) {
    if (!message.by_bot) continue;
    const text = message.text ?? message.caption ?? "";
    for (const entity of message.entities ?? message.caption_entities ?? []) {
      if (entity.type !== "code" && entity.type !== "pre") continue;
      const found = text.slice(entity.offset, entity.offset + entity.length).match(ADDRESS);
      if (found) return found[0];
    }
  }
  return "";
}

export async function openFaucet(address) {
  const body = el("div", {},
    el("p", {}, "SOL pays two things on Solana: fees, a little for each transaction, and rent, a deposit for each account that is kept on chain. The dollars are what you trade with."),
    el("label", {}, el("span", {}, "Wallet address"),
      el("textarea", { name: "address", class: "address", rows: "2", placeholder: "Ask the bot: /create or /wallet", spellcheck: "false", autocomplete: "off", autocapitalize: "off", required: true }, address)),
    el("small", {}, address ? "Found in this chat." : "There is no address in this chat yet."));
  const given = await dialog({ title: "Faucet", body, actions: [{ label: "Cancel" }, { label: "Get test money", primary: true }] });
  if (!given) return;
  const wanted = given.address.trim();
  if (!/^[1-9A-HJ-NP-Za-km-z]{32,44}$/.test(wanted)) {
    toast("That is no Solana address: they have 32 to 44 letters and digits", { bad: true, seconds: 5 });
    return;
  }
  try {
    toast(receipt(await post("/faucet", { address: wanted })), { seconds: 5 });
  } catch (error) {
    if (!(error instanceof Refused) && !(error instanceof TypeError)) throw error;
    toast(`The faucet gave nothing: ${error.message}`, { bad: true, seconds: 6 });
  }
}

const LAMPORTS_PER_SOL = 1e9;
const QUOTE_UNITS = 1e6;

function receipt({ lamports, tokens }) {
  const sol = `${(lamports / LAMPORTS_PER_SOL).toLocaleString("en")} SOL`;
  if (!tokens?.length) return `${sol} sent`;
  const dollars = (Number(tokens[0].amount) / QUOTE_UNITS).toLocaleString("en");
  const each = tokens.length > 1 ? ", in each venue's own token" : "";
  return `${sol} and ${dollars} test dollars sent${each}`;
}
