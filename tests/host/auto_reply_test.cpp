// Automatic answers: who gets none (RFC 3834 section 2, RFC 5230 section 4.5 and 4.6), and the
// letter.
#include "server/host/auto_reply.hpp"

#include "server/host/mdn.hpp"
#include "server/mail/encoding.hpp"
#include "tests/catch.hpp"

using namespace mailscope;
using namespace mailscope::host;

namespace {

constexpr net::Time kNow{std::chrono::seconds(1'772'442'000)};  // Mon, 02 Mar 2026 09:00:00 +0000

std::string_view why(std::string_view fields, std::string_view sender = "alice@a.example") {
  const std::string message = std::string(fields) + "\r\n";
  mail::Mailbox from;
  if (!sender.empty()) from = mail::Mailbox::parse(sender).value();
  return why_no_answer(mail::parse_header(message), from,
                       {"bob@b.example", "sales@b.example", "Bob@Old.Example"});
}

}  // namespace

TEST_CASE("who gets no answer") {
  const std::string to = "To: bob@b.example\r\n";
  CHECK(why(to).empty());
  CHECK(why(to, "") == "it has no return path");
  for (const std::string_view program :
       {"MAILER-DAEMON@a.example", "listserv@a.example", "majordomo@a.example",
        "owner-list@a.example", "list-request@a.example", "list-bounces@a.example",
        "no-reply@a.example", "NoReply@a.example", "bounce-123@a.example"}) {
    INFO(program);
    CHECK(why(to, program) == "its sender is a program");
  }
  CHECK(why(to, "postmaster@a.example").empty());
  CHECK(why(to, "BOB@b.example") == "the sender is the recipient");
  CHECK(why(to + "Auto-Submitted: auto-replied\r\n") == "it was sent automatically");
  CHECK(why(to + "Auto-Submitted: auto-generated; type=x\r\n") == "it was sent automatically");
  CHECK(why(to + "Auto-Submitted: (really) \r\n").empty());
  CHECK(why(to + "Auto-submitted:  No \r\n").empty());
  CHECK(why(to + "Auto-submitted: no; because=x\r\n").empty());
  CHECK(why(to + "Auto-Submitted: (by a \\) program) auto-generated\r\n") ==
        "it was sent automatically");
  CHECK(why(to + "X-Auto-Response-Suppress: DR, oof, RN\r\n") == "it asks for no automatic answer");
  CHECK(why(to + "X-Auto-Response-Suppress: All\r\n") == "it asks for no automatic answer");
  CHECK(why(to + "X-Auto-Response-Suppress: DR, RN, NRN,\r\n").empty());
  for (const std::string_view word : {"bulk", "List", "JUNK"})
    CHECK(why(to + "Precedence: " + std::string(word) + "\r\n") == "it went to many");
  CHECK(why(to + "Precedence: first-class\r\n").empty());
  for (const std::string_view name : {"List-Id", "List-Help", "List-Subscribe", "List-Unsubscribe",
                                      "List-Post", "List-Owner", "List-Archive", "list-id"})
    CHECK(why(to + std::string(name) + ": x\r\n") == "it came from a mailing list");
  CHECK(why("To: others@b.example\r\n") == "it is not addressed to the recipient");
  CHECK(why("") == "it is not addressed to the recipient");
  for (const std::string_view name : {"To", "Cc", "Bcc", "Resent-To", "Resent-Cc", "Resent-Bcc"})
    CHECK(why(std::string(name) + ": x@y.example, Friends: Bob <SALES@b.example>;\r\n").empty());
  CHECK(why("Cc: bob@old.example\r\n").empty());
}

TEST_CASE("the answer as a letter") {
  sieve::Vacation vacation;
  vacation.reason = "I am away.\r\n";
  const auto letter = [&](std::string_view original) {
    const std::string message = std::string(original) + "\r\n";
    return build_answer({vacation,
                         mail::parse_header(message),
                         "bob@b.example",
                         {"alice", "a.example"},
                         "<9@mail.b.example>",
                         kNow});
  };
  const std::string plain =
      letter("Subject: Lunch?\r\nMessage-ID: <2@a>\r\nReferences: <0@a>\r\n <1@a>\r\n");
  const mail::Header header = mail::parse_header(plain);
  CHECK(header.text("From") == "bob@b.example");
  CHECK(header.text("To") == "alice@a.example");
  CHECK(header.text("Subject") == "Auto: Lunch?");
  CHECK(header.text("Date") == "Mon, 02 Mar 2026 09:00:00 +0000");
  CHECK(header.text("In-Reply-To") == "<2@a>");
  CHECK(header.text("References") == "<0@a> <1@a> <2@a>");
  CHECK(header.text("Auto-Submitted") == "auto-replied");
  CHECK(plain.ends_with("\r\n\r\nI am away.\r\n"));

  CHECK(mail::parse_header(letter("")).text("Subject") == "Automated reply");
  CHECK(mail::parse_header(letter("")).find("In-Reply-To") == nullptr);
  CHECK(mail::parse_header(letter("Message-ID: <2@a>\r\nIn-Reply-To: <1@a>\r\n"))
            .text("References") == "<1@a> <2@a>");
  // A long subject is cut between characters.
  const std::string wide = "\xe4\xbb\xa5";
  std::string subject;
  for (int i = 0; i < 200; ++i) subject += wide;
  const std::string repeated = letter("Subject: " + subject + "\r\n");
  CHECK(mail::decode_words(mail::parse_header(repeated).text("Subject")) ==
        "Auto: " + subject.substr(0, 399));
  std::string many = "Message-ID: <last@a>\r\nReferences:";
  for (int i = 0; i < 200; ++i) many += " <" + std::to_string(i) + "@a.example>\r\n";
  const std::string cut = mail::parse_header(letter(many)).text("References");
  CHECK(cut.size() <= 900);
  CHECK(cut.ends_with("<199@a.example> <last@a>"));

  vacation.subject =
      "Gr\xc3\xbc\xc3\x9f"
      "e";
  vacation.from = {"Bob <sales@b.example>"};
  const std::string asked = letter("Subject: Lunch?\r\n");
  const mail::Header own = mail::parse_header(asked);  // views into `asked`
  CHECK(mail::decode_words(own.text("Subject")) == vacation.subject);
  CHECK(own.text("From") == "Bob <sales@b.example>");

  // RFC 5230 section 4.3: encoded words of a script are not encoded once more.
  vacation.from = {"=?utf-8?q?G=C3=BCnther?= K. <sales@b.example>"};
  vacation.subject = "=?utf-8?b?w4TDlsOc?= sadasd";
  const std::string words = letter("");
  CHECK(mail::decode_words(mail::parse_header(words).text("From")) ==
        "G\xc3\xbcnther K. <sales@b.example>");
  CHECK(mail::decode_words(mail::parse_header(words).text("Subject")) ==
        "\xc3\x84\xc3\x96\xc3\x9c sadasd");
  vacation.from = {"Bob <sales@b.example>", "carol@b.example"};
  const std::string both = letter("");
  CHECK(mail::parse_header(both).text("From") == "Bob <sales@b.example>, carol@b.example");
  CHECK(mail::parse_header(both).text("Sender") == "bob@b.example");
  vacation.from.clear();

  // A header of a script cannot smuggle fields into the letter.
  vacation.subject = "x\r\nBcc: eve@e.example";
  CHECK(mail::parse_header(letter("")).find("Bcc") == nullptr);

  vacation.mime = true;
  vacation.reason =
      "Bcc: eve@e.example\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>away</p>\r\n";
  const std::string entity = letter("");
  CHECK(mail::parse_header(entity).text("Content-Type") == "text/html; charset=utf-8");
  CHECK(mail::parse_header(entity).find("Bcc") == nullptr);
  CHECK(mail::parse_header(entity).all("MIME-Version").size() == 1);
  CHECK(entity.ends_with("\r\n\r\n<p>away</p>\r\n"));
}

TEST_CASE("a disposition notification") {
  Mdn mdn;
  mdn.hostname = "mail.b.example";
  mdn.to = {"alice", "a.example"};
  mdn.recipient = {"bob", "b.example"};
  mdn.reason = "I am not taking mail from you.\r\n";
  mdn.message_id = "<9@mail.b.example>";
  mdn.now = kNow;
  const std::string original = "Message-ID: <1@a.example>\r\nSubject: x\r\n\r\nbody\r\n";
  mdn.original = original;
  const std::string report = build_mdn(mdn);
  const mail::Part part = mail::parse_message(report);
  CHECK(part.subtype == "report");
  REQUIRE(part.parts.size() == 3);
  CHECK(part.parts[0].body(report).find("I am not taking mail from you.") !=
        std::string_view::npos);
  CHECK(part.parts[1].type + "/" + part.parts[1].subtype == "message/disposition-notification");
  CHECK(part.parts[1].body(report) ==
        "Reporting-UA: mail.b.example; Mailscope\r\n"
        "Final-Recipient: rfc822; bob@b.example\r\n"
        "Original-Message-ID: <1@a.example>\r\n"
        "Disposition: automatic-action/MDN-sent-automatically; deleted\r\n");
  CHECK(part.parts[2].is_message());
  CHECK(part.parts[2].body(report) == original);
  CHECK(part.header.text("Auto-Submitted") == "auto-replied");
  CHECK(part.header.text("In-Reply-To") == "<1@a.example>");

  // RFC 5429 section 2.2.1: its example, octet for octet.
  mdn.reason = "I am not taking mail from you, and I don't\r\nwant your birdseed, either!\r\n";
  const std::string birdseed = build_mdn(mdn);
  CHECK(birdseed.find("Content-Type: text/plain; charset=us-ascii\r\n"
                      "Content-Transfer-Encoding: 7bit\r\n\r\n"
                      "The message was refused by the recipient's mail filtering program.\r\n"
                      "The reason given was as follows:\r\n\r\n"
                      "I am not taking mail from you, and I don't\r\n"
                      "want your birdseed, either!\r\n\r\n--") != std::string::npos);
  // No reason makes lines that SMTP does not take, or ends where its author does not.
  mdn.reason = std::string(2'000, 'x') + "\n.\nMAIL FROM:<eve@e.example>\r";
  const std::string lines = build_mdn(mdn);
  const mail::Part refused = mail::parse_message(lines);
  for (std::size_t at = 0, end = 0; at < lines.size(); at = end + 1) {
    end = std::min(lines.find('\n', at), lines.size());
    CHECK(end - at <= 999);
    CHECK((end == lines.size() || lines[end - 1] == '\r'));
  }
  CHECK(mail::decode_body(refused.parts[0], lines).find("\nMAIL FROM:<eve") != std::string::npos);

  mdn.max_returned = 10;
  mdn.orcpt = "rfc822;robert@b.example";
  mdn.reason = "nein, \xc3\xa4hm";
  const std::string cut = build_mdn(mdn);
  const mail::Part short_part = mail::parse_message(cut);
  REQUIRE(short_part.parts.size() == 3);
  CHECK(short_part.parts[2].subtype == "rfc822-headers");
  CHECK(cut.find("body\r\n") == std::string::npos);
  CHECK(cut.find("Original-Recipient: rfc822; robert@b.example\r\n") != std::string::npos);
  CHECK(mail::decode_body(short_part.parts[0], cut).find("nein, \xc3\xa4hm") != std::string::npos);
}
