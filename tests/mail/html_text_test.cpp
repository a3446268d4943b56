// The words of HTML.
#include "server/mail/html_text.hpp"

#include "tests/catch.hpp"

using mailscope::mail::html_text;

TEST_CASE("html_text leaves what a reader sees") {
  struct Row {
    std::string_view html, text;
  };
  const Row rows[] = {
      {"", ""},
      {"plain", "plain"},
      {"<html><body>This is HTML</body></html>", "This is HTML"},
      {"<p>Caf&eacute;<br>at <b>n</b>oon</p>", "Caf\xc3\xa9\nat noon"},
      {"a <b>mis</b><i>sile</i> b", "a missile b"},
      {"<p>one</p><p>two</p>", "one\ntwo"},
      {"<td>a</td><td>b</td>", "a\nb"},
      {"the project\r\n  \t schedule", "the project schedule"},
      {"  <p> x </p>  ", "x"},
      {"a&nbsp;&#160;&#xA0;b", "a b"},
      {"&lt;b&gt; &amp;amp; &quot;&apos;", "<b> &amp; \"'"},
      {"&#8364;&#x20ac;&euro;", "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"},
      {"&#128512;", "\xf0\x9f\x98\x80"},
      {"co&shy;op", "coop"},
      // No entities: they stay as they are.
      {"AT&T &; &nothing; &#; &#x; &#55296; &#1114112; &#0; &amp",
       "AT&T &; &nothing; &#; &#x; "
       "&#55296; &#1114112; &#0; &amp"},
      {"a<!-- <p>hidden</p> -->b", "ab"},
      {"a<!-- open", "a"},
      {"<!DOCTYPE html><?xml?>x", "x"},
      {"<head><title>T</title><style>p { color: red }</style></head>x", "x"},
      {"a<script>if (a</b) alert('</p>')</SCRIPT>b", "a\nb"},
      {"a<script>never ends", "a"},
      {"<styled>x</styled>", "x"},
      {"<img alt=\"a > b\" src='>'>x", "x"},
      {"1 < 2 and <3 <", "1 < 2 and <3 <"},
      {"a<b", "a"},
      {"</", "</"},
      {"caf\xe9", "caf\xe9"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.html);
    CHECK(html_text(row.html) == row.text);
  }
}
