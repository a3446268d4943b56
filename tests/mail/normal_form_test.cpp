// Unicode normalization form C.
#include "server/mail/normal_form.hpp"

#include "tests/catch.hpp"

using mailscope::mail::normal_form;

TEST_CASE("texts have one spelling") {
  struct Row {
    const char *text, *normal;
  };
  const Row rows[] = {
      {"", ""},
      {"plain & simple", "plain & simple"},
      {"\u00fc", "\u00fc"},
      {"u\u0308", "\u00fc"},
      {"Bu\u0308cher", "B\u00fccher"},
      // Two marks below and above, in either order.
      {"s\u0323\u0307", "\u1e69"},
      {"s\u0307\u0323", "\u1e69"},
      // Of two marks of one class only the first can be taken.
      {"a\u0301\u0308", "\u00e1\u0308"},
      {"a\u0308\u0301", "\u00e4\u0301"},
      // A mark of another class does not stand in the way, one that begins something does.
      {"a\u0327\u0301", "\u00e1\u0327"},
      {"a\u034f\u0301", "a\u034f\u0301"},
      // One character that is the same as another one.
      {"\u212b", "\u00c5"},
      {"\u2126", "\u03a9"},
      // Characters that stay apart.
      {"\u0958", "\u0915\u093c"},
      {"\ufb1d", "\u05d9\u05b4"},
      // Compatibility is not sameness.
      {"\ufb01", "\ufb01"},
      {"\u00bd", "\u00bd"},
      // Hangul.
      {"\u1112\u1161\u11ab", "\ud55c"},
      {"\u1112\u1161", "\ud558"},
      {"\ud558\u11ab", "\ud55c"},
      {"\u1161\u11ab", "\u1161\u11ab"},
      // Beyond 16 bits.
      {"\U00011099\U000110ba", "\U0001109a"},
      {"\U0001d15e", "\U0001d157\U0001d165"},
      // A mark that nothing goes before.
      {"\u0301a", "\u0301a"},
      // No UTF-8.
      {"u\xcc", "u\xcc"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(normal_form(row.text) == row.normal);
    CHECK(normal_form(row.normal) == row.normal);
  }
}
