/** Texts as they are compared: letters and digits alone. Pure. */

/** Lower case, accents and punctuation gone, one space between words. */
export function plain(text: string): string {
  return text
    .normalize("NFKD")
    .replaceAll(/\p{M}+/gu, "")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}.%$+#-]+|(?<!\p{N})\.|\.(?!\p{N})/gu, " ")
    .replaceAll(/-/gu, " ")
    .replaceAll(/\s+/gu, " ")
    .trim();
}
