/** What a block says to those who hear it instead of seeing it. Not a text in it: the letters of some hundred sentences
 * would be laid out that nobody sees, and those of twenty anew when twenty blocks move. */
export const Spoken = ({ words }: { words: string }) => (
  <span role="img" aria-label={words} className="sr-only" />
);
