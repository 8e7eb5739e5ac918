// A number with its noun, in a language's way of writing numbers.

/** Both languages have one form for one and another for all else. */
export const counted = (locale) => {
  const format = new Intl.NumberFormat(locale);
  return (n, one, many) => `${format.format(n)} ${n === 1 ? one : many}`;
};
