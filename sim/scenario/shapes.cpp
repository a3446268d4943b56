// The table itself: every key of a scenario file, its type, its limits and one sentence about it.
#include "sim/scenario/loader.hpp"
#include "sim/scenario/shape.hpp"

namespace mailscope::scenario {
namespace {

using Kind = Shape::Kind;

Shape text(std::string name, std::int64_t maximum, std::string pattern = {}) {
  Shape shape{Kind::text, std::move(name)};
  shape.maximum = maximum;
  shape.pattern = std::move(pattern);
  return shape;
}
Shape choice(std::string name, std::vector<std::string> values) {
  Shape shape{Kind::text, std::move(name)};
  shape.maximum = 64;
  shape.values = std::move(values);
  return shape;
}
Shape integer(std::string name, std::int64_t minimum, std::int64_t maximum) {
  Shape shape{Kind::integer, std::move(name)};
  shape.minimum = minimum;
  shape.maximum = maximum;
  return shape;
}
Shape list(std::string name, const Shape& item, std::int64_t maximum, std::int64_t minimum = 0) {
  Shape shape{Kind::list, std::move(name)};
  shape.item = &item;
  shape.minimum = minimum;
  shape.maximum = maximum;
  return shape;
}
Shape map(std::string name, std::string key_pattern, const Shape& item, std::int64_t maximum,
          std::int64_t minimum = 0) {
  Shape shape{Kind::map, std::move(name)};
  shape.item = &item;
  shape.key_pattern = std::move(key_pattern);
  shape.minimum = minimum;
  shape.maximum = maximum;
  return shape;
}
Shape one_of(std::string name, std::vector<const Shape*> choices) {
  Shape shape{Kind::one_of, std::move(name)};
  shape.choices = std::move(choices);
  return shape;
}
Shape object(std::string name, std::vector<Property> properties,
             std::vector<std::string> exactly_one = {}) {
  Shape shape{Kind::object, std::move(name)};
  shape.properties = std::move(properties);
  shape.exactly_one = std::move(exactly_one);
  return shape;
}

constexpr auto kLabel = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
const std::string kDomainPattern = std::string(kLabel) + "(\\." + kLabel + ")+";
const std::string kHostPattern = std::string(kLabel) + "(\\." + kLabel + ")*";
const std::string kLocalPattern =
    "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*";

// Values.
const Shape kBoolean{Kind::boolean, "true or false"};
const Shape kTitle = text("a line of text", 200);
const Shape kProse = text("text", 1 << 20);
const Shape kDuration = text("a duration such as \"250ms\", \"1.5s\", \"10m\", \"4h\" or \"2d\"",
                             32, "[0-9]+(\\.[0-9]+)?(us|ms|s|m|h|d)");
const Shape kRate = text("a bandwidth such as \"64kbps\", \"10Mbps\" or \"1Gbps\"", 32,
                         "[0-9]+(\\.[0-9]+)?(bps|kbps|Mbps|Gbps)");
const Shape kSize =
    text("a size such as \"512B\", \"10kB\" or \"25MB\"", 32, "[0-9]+(\\.[0-9]+)?(B|kB|MB|GB)");
const Shape kPercent = text("a percentage such as \"2%\" or \"0.5%\"", 16, "[0-9]+(\\.[0-9]+)?%");
const Shape kDate = text("a date and time such as \"2026-03-02T09:00:00Z\"", 20,
                         "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z");
const Shape kHostName =
    text("a host name such as \"mx1\" or \"mx1.globex.example\"", 253, kHostPattern);
const Shape kPlaceName = text("the name of a host or a domain", 253, kHostPattern);
const Shape kDnsName =
    text("a DNS name such as \"globex.example\"", 253, "[A-Za-z0-9_*]([A-Za-z0-9_*.-]{0,252})");
const Shape kAddress = text("a mail address such as \"bob@globex.example\"", 254,
                            kLocalPattern + "@" + kDomainPattern);
const Shape kSender = text("a mail address such as \"alice@acme.example\"", 320,
                           kLocalPattern + "@" + kDomainPattern);
const Shape kMailboxPath = text("a mailbox such as \"bob@globex.example/INBOX\"", 600,
                                kLocalPattern + "@" + kDomainPattern + "(/.+)?");
const Shape kMailboxName = text("a mailbox name such as \"INBOX\" or \"Archive/2026\"", 255, ".+");
const Shape kLocalPart = text("a user name such as \"alice\"", 64, kLocalPattern);
const Shape kToken = text("a short word", 64, "[A-Za-z0-9_-]+");
const Shape kType = choice("a DNS record type", {"A", "AAAA", "MX", "TXT", "CNAME", "NS", "PTR",
                                                 "SRV", "CAA", "TLSA", "SOA"});
const Shape kTtl = integer("a time to live in seconds", 0, 604'800);
const Shape kFor = one_of("a duration such as \"10m\", or true for as long as the scenario runs",
                          {&kDuration, &kBoolean});
const Shape kScalar{Kind::scalar, "a number or text"};
const Shape kAddressList = list("a list of mail addresses", kAddress, 1'000, 1);
const Shape kAddresses = one_of("a mail address or a list of them", {&kAddress, &kAddressList});
const Shape kSecurity = choice("\"starttls\", \"tls\" or \"none\"", {"starttls", "tls", "none"});
const Shape kProtocol = choice("\"imap\" or \"pop3\"", {"imap", "pop3"});
const Shape kStrings = list("a list of texts", kTitle, 100);

// World.
const Shape kLogin = choice("a SASL mechanism such as \"PLAIN\" or \"SCRAM-SHA-256\"",
                            {"PLAIN", "LOGIN", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-1",
                             "SCRAM-SHA-1-PLUS", "CRAM-MD5", "OAUTHBEARER", "XOAUTH2"});
const Shape kDevice = object(
    "a device",
    {
        {"name", &kToken, "Name of the device, unique for its user; \"laptop\" unless given."},
        {"protocol", &kProtocol, "How the device reads mail; \"imap\" unless given."},
        {"security", &kSecurity,
         "TLS to the mail server: \"starttls\" (587, 143, 110), \"tls\" (465, 993, 995) or "
         "\"none\"; \"starttls\" unless given."},
        {"login", &kLogin,
         "The SASL mechanism by which the device logs in, for sending and reading; PLAIN or what "
         "the server has instead unless given. The servers offer some only with \"moreLogins\"; a "
         "token for OAUTHBEARER and XOAUTH2 is there."},
        {"leaveOnServer", &kBoolean,
         "POP3: keep what was fetched on the server; false unless given."},
    });
const Shape kDevices = list("a list of devices", kDevice, 20, 1);
const Shape kSieve = text("a Sieve script (RFC 5228)", 262'144);
const Shape kUserObject =
    object("a user",
           {
               {"name", &kLocalPart, "Local part of the address.", true},
               {"label", &kTitle, "Name on screen; the name with a capital unless given."},
               {"password", &kTitle, "Password; made from the seed unless given."},
               {"quota", &kSize, "Most that the user's mailboxes may hold; no limit unless given."},
               {"devices", &kDevices, "Devices; one laptop with IMAP unless given."},
               {"sieve", &kSieve, "Filter script that runs for each message to the user."},
           });
const Shape kUser = one_of("a user name or an object with \"name\"", {&kLocalPart, &kUserObject});
const Shape kUsers = list("a list of users", kUser, kMaxUsersPerDomain);
const Shape kPreference = integer("a preference", 0, 65'535);
const Shape kMxObject = object(
    "a mail exchanger",
    {
        {"host", &kHostName, "Host name; without a dot it is a host of this domain.", true},
        {"preference", &kPreference, "Lower is tried first; equal ones share the load.", true},
    });
const Shape kMx =
    one_of("a host name or an object with \"host\" and \"preference\"", {&kHostName, &kMxObject});
const Shape kMxList = list("a list of mail exchangers", kMx, 50);
const Shape kMxWord =
    choice("\"null\" (accepts no mail) or \"none\" (no MX record)", {"null", "none"});
const Shape kMxChoice =
    one_of("a list of mail exchangers, \"null\" or \"none\"", {&kMxList, &kMxWord});
const Shape kRecordValue = text("the record's value as in a zone file", 4'000);
const Shape kRecord = object(
    "a DNS record",
    {
        {"name", &kDnsName,
         "Owner; \"@\" is not needed: give the full name or a name inside the domain.", true},
        {"type", &kType, "Record type.", true},
        {"ttl", &kTtl, "Seconds; the domain's own unless given."},
        {"value", &kRecordValue, "Value in zone file form: \"10 mx1.acme.example.\".", true},
    });
const Shape kRecords = list("a list of DNS records", kRecord, 1'000);
const Shape kRetry = list("a list of durations", kDuration, 50, 1);
const Shape kConnections = integer("a number of connections", 1, 1'000);
const Shape kPerConnection = integer("a number of messages", 1, 100'000);
const Shape kPerMinute = integer("a number of messages a minute", 1, 60'000);
const Shape kDestination = object(
    "limits of the outbound queue for one domain",
    {
        {"connections", &kConnections,
         "Connections to the domain at a time; the queue's \"connectionsPerDomain\" unless given."},
        {"messagesPerMinute", &kPerMinute,
         "Messages to the domain, evenly spaced; the queue's \"messagesPerMinute\" unless given."},
    });
const Shape kDestinations = map("limits by domain", kDomainPattern, kDestination, kMaxDomains, 1);
const Shape kQueue = object(
    "times and limits of the outbound queue",
    {
        {"retry", &kRetry,
         "Waits before the second, third... attempt; the last repeats. 1m, 5m, 15m, 30m, 1h, 2h, "
         "4h unless given."},
        {"warnAfter", &kDuration,
         "The sender is told of the delay after this time; 4h unless given."},
        {"expireAfter", &kDuration, "The message is given up after this time; 5d unless given."},
        {"connections", &kConnections,
         "Deliveries of one server at a time, to all domains together; 20 unless given."},
        {"connectionsPerDomain", &kConnections,
         "Of these to one domain; 2 unless given. Messages beyond wait for their turn."},
        {"messagesPerConnection", &kPerConnection,
         "Messages over one connection, one after the other; 100 unless given."},
        {"messagesPerMinute", &kPerMinute,
         "Messages of one server to one domain, evenly spaced, each over a connection of its own; "
         "no limit unless given."},
        {"domains", &kDestinations, "Domains for which other limits hold."},
    });
const Shape kTlsUse =
    choice("\"offered\", \"required\" or \"none\"", {"offered", "required", "none"});
const Shape kMoreLogin = choice("\"SCRAM-PLUS\", \"SCRAM-SHA-1\", \"CRAM-MD5\" or \"APOP\"",
                                {"SCRAM-PLUS", "SCRAM-SHA-1", "CRAM-MD5", "APOP"});
const Shape kMoreLogins = list("a list of further ways to log in", kMoreLogin, 4, 1);
const Shape kAliases =
    map("addresses by local part", kLocalPattern, kAddresses, kMaxUsersPerDomain);
const Shape kList =
    object("a mailing list",
           {
               {"title", &kTitle, "What the list is called in its List-Id field."},
               {"members", &kAddressList, "Who gets its mail; of any domain.", true},
               {"membersOnly", &kBoolean, "Only members may send to it; false unless given."},
           });
const Shape kLists = map("mailing lists by local part", kLocalPattern, kList, 1'000);
const Shape kDomain = object(
    "a domain",
    {
        {"label", &kTitle, "Name of the organisation on screen."},
        {"users", &kUsers, "People with a mailbox in the domain.", true},
        {"aliases", &kAliases,
         "Mail for an address goes to these. A user's own name here is forwarding; with the own "
         "address among the targets a copy stays."},
        {"lists", &kLists, "Mailing lists."},
        {"catchAll", &kLocalPart,
         "The user or alias that gets the mail for all unknown addresses; it is refused unless "
         "given."},
        {"mx", &kMxChoice,
         "Mail exchangers in order of preference (10, 20, ...); the domain's mail server unless "
         "given; \"null\" for a null MX, \"none\" for no MX record."},
        {"tls", &kTlsUse, "STARTTLS at the domain's servers; \"offered\" unless given."},
        {"plaintextAuth", &kBoolean, "Take passwords without TLS; false unless given."},
        {"moreLogins", &kMoreLogins,
         "Ways to log in that are offered too. SCRAM-PLUS binds logins to the TLS channel, which "
         "some mail programs cannot do although they try; the others are old. For CRAM-MD5 and "
         "APOP the servers keep what is "
         "as "
         "good as the password itself."},
        {"popLoginDelay", &kDuration,
         "Time between two logins of a user with POP3 (LOGIN-DELAY); none unless given."},
        {"ttl", &kTtl, "Time to live of the domain's DNS records in seconds; 3600 unless given."},
        {"maxMessage", &kSize, "Largest message that the servers take; 25MB unless given."},
        {"records", &kRecords, "Further DNS records."},
        {"queue", &kQueue, "Times and limits of the queues of the domain's servers."},
    });
const Shape kDomains = map("domains by name", kDomainPattern, kDomain, kMaxDomains, 1);
const Shape kLinkEnds = list("two names of hosts or domains", kPlaceName, 2, 2);
const Shape kLink =
    object("a link", {
                         {"between", &kLinkEnds, "Two hosts or domains.", true},
                         {"latency", &kDuration, "One way."},
                         {"jitter", &kDuration, "Up to this much is added at random."},
                         {"bandwidth", &kRate, "Per direction."},
                         {"loss", &kPercent, "Probability that a packet is lost."},
                     });
const Shape kLinks = list("a list of links", kLink, 10'000);
const Shape kNetwork = object(
    "the network", {
                       {"latency", &kDuration, "One way between two domains; 20ms unless given."},
                       {"localLatency", &kDuration, "One way inside a domain; 1ms unless given."},
                       {"jitter", &kDuration, "Between domains; none unless given."},
                       {"bandwidth", &kRate, "Between domains; unlimited unless given."},
                       {"loss", &kPercent, "Between domains; 0% unless given."},
                       {"links", &kLinks, "Links that differ."},
                   });

// Script.
const Shape kAttachmentName = text("a file name", 255, "[^/\\\\\\u0000-\\u001f]+");
const Shape kMediaType =
    text("a media type such as \"image/png\"", 127, "[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+");
const Shape kBase64 = text("base64", 8 << 20, "[A-Za-z0-9+/]*={0,2}");
const Shape kAttachment =
    object("an attachment",
           {
               {"name", &kAttachmentName, "File name.", true},
               {"type", &kMediaType, "Media type; application/octet-stream unless given."},
               {"text", &kProse, "Content as text."},
               {"base64", &kBase64, "Content as base64."},
               {"size", &kSize, "Content made up from the seed, of this size."},
           },
           {"text", "base64", "size"});
const Shape kAttachments = list("a list of attachments", kAttachment, 100);
const Shape kHeaders = map("header fields by name", "[!-9;-~]+", kTitle, 100);
const Shape kSend =
    object("a message to send",
           {
               {"from", &kSender, "Sender; a user of the world.", true},
               {"to", &kAddresses, "Recipients; they need not exist.", true},
               {"cc", &kAddresses, "Recipients of a copy."},
               {"bcc", &kAddresses, "Recipients of a blind copy."},
               {"subject", &kTitle, "Subject; any Unicode text."},
               {"text", &kProse, "Plain text; a short greeting unless given."},
               {"html", &kProse, "HTML version."},
               {"attachments", &kAttachments, "Files."},
               {"headers", &kHeaders, "Further header fields."},
               {"device", &kToken, "Device that sends; the first of the user unless given."},
           });
const Shape kRead =
    object("whose mail to fetch",
           {
               {"who", &kAddress, "A user of the world.", true},
               {"device", &kToken, "Device that fetches; the first of the user unless given."},
               {"mailbox", &kMailboxName, "IMAP: which mailbox; INBOX unless given."},
           });
const Shape kDelete =
    object("what to delete",
           {
               {"who", &kAddress, "A user of the world.", true},
               {"device", &kToken, "Device; the first of the user unless given."},
               {"mailbox", &kMailboxName, "IMAP: which mailbox; INBOX unless given."},
               {"subject", &kTitle, "Messages whose subject contains this; all unless given."},
           });
const Shape kMove =
    object("what to move",
           {
               {"who", &kAddress, "A user of the world.", true},
               {"device", &kToken, "Device; the first of the user unless given."},
               {"mailbox", &kMailboxName, "From which mailbox; INBOX unless given."},
               {"subject", &kTitle, "Messages whose subject contains this; all unless given."},
               {"to", &kMailboxName, "To which mailbox; made when it does not exist.", true},
           });
const Shape kFlagName = text("a flag such as \"\\\\Flagged\"", 64, "\\\\?[A-Za-z0-9$_-]+");
const Shape kFlag =
    object("which flags to change",
           {
               {"who", &kAddress, "A user of the world.", true},
               {"device", &kToken, "Device; the first of the user unless given."},
               {"mailbox", &kMailboxName, "Which mailbox; INBOX unless given."},
               {"subject", &kTitle, "Messages whose subject contains this; all unless given."},
               {"add", &kFlagName, "Flag to set."},
               {"remove", &kFlagName, "Flag to take away."},
           },
           {"add", "remove"});
const Shape kScriptEntry = object(
    "a script entry",
    {
        {"at", &kDuration, "When, from the start; the time of the entry before unless given."},
        {"send", &kSend, "A person sends a message."},
        {"read", &kRead, "A person's device fetches new mail by IMAP or POP3."},
        {"delete", &kDelete, "A person deletes messages."},
        {"move", &kMove, "A person moves messages to another mailbox (IMAP)."},
        {"flag", &kFlag, "A person changes flags (IMAP)."},
        {"wait", &kDuration, "Moves the time of the entries that follow."},
    },
    {"send", "read", "delete", "move", "flag", "wait"});
const Shape kScript = list("a list of script entries", kScriptEntry, kMaxScriptEntries);

// Faults.
const Shape kLinkPair = one_of("a host or two hosts or domains", {&kPlaceName, &kLinkEnds});
const Shape kRecordValues = list("a list of record values", kRecordValue, 100, 1);
const Shape kDnsFault =
    object("a change of the DNS",
           {
               {"name", &kDnsName, "Owner of the records.", true},
               {"type", &kType, "Their type.", true},
               {"missing", &kBoolean, "true: the records are gone."},
               {"values", &kRecordValues, "What they are instead, in zone file form."},
               {"ttl", &kTtl, "Seconds; the domain's own unless given."},
           },
           {"missing", "values"});
const Shape kReplyText =
    text("a reply line such as \"451 4.3.0 Try again later\" or \"NO [UNAVAILABLE] Not now\"", 500,
         "[ -~]+");
const Shape kCommandName = text("a command such as \"RCPT\", or \"CONNECT\", or \"END-OF-DATA\"",
                                32, "[A-Za-z0-9-]+( [A-Za-z]+)?");
const Shape kTimes = integer("how many times", 1, 1'000'000);
const Shape kServerProtocol = choice("\"smtp\", \"lmtp\", \"imap\", \"pop3\", \"sieve\" or \"dns\"",
                                     {"smtp", "lmtp", "imap", "pop3", "sieve", "dns"});
const Shape kClients =
    text("an address or a range such as \"198.18.1.0/24\"", 49, "[0-9A-Fa-f:.]+(/[0-9]{1,3})?");
const Shape kAnswer = object(
    "a chosen reply",
    {
        {"protocol", &kServerProtocol, "\"smtp\" unless given."},
        {"command", &kCommandName,
         "The command; \"CONNECT\" is the greeting, \"END-OF-DATA\" the end of a message. DNS: the "
         "type that is asked for, or \"QUERY\" for all.",
         true},
        {"name", &kDnsName, "DNS: only for this name; \"*.globex.example\" for all below one."},
        {"reply", &kReplyText,
         "What the server says instead of its own answer. DNS: \"NOERROR\", \"FORMERR\", "
         "\"SERVFAIL\", \"NXDOMAIN\", \"NOTIMP\" or \"REFUSED\" without records, or "
         "\"TRUNCATED\" (over UDP)."},
        {"drop", &kBoolean,
         "true: the server closes the connection instead; DNS over UDP: it says nothing."},
        {"lose", &kBoolean, "true: SMTP does the command, then closes instead of answering."},
        {"times", &kTimes, "Only so many times; always unless given."},
        {"user", &kAddress, "Only when this user is logged in."},
        {"clients", &kClients, "Only for clients with these addresses."},
    },
    {"reply", "drop", "lose"});
const Shape kCapabilityName =
    text("a capability such as \"PIPELINING\", \"AUTH=PLAIN\" or \"STATUS=SIZE\"", 64,
         "[A-Za-z0-9=+/_.-]+");
const Shape kAnnounced =
    text("a capability with its arguments such as \"SIZE 1000\"", 200, "[!-~]+( [!-~]+)*");
const Shape kCapability =
    object("a capability that is not what it was",
           {
               {"protocol", &kServerProtocol, "\"smtp\" unless given."},
               {"name", &kCapabilityName,
                "The capability, as the server announces it. DNS: \"EDNS\", \"UDP\", \"TCP\" or "
                "\"RECURSION\".",
                true},
               {"hide", &kBoolean, "true: the server does not have it."},
               {"announce", &kAnnounced,
                "The server announces this instead, or in addition if it does not have it."},
               {"broken", &kBoolean, "true: announced, but refused whenever it is used."},
               {"reply", &kReplyText, "Announced, but its use is answered so."},
               {"drop", &kBoolean, "true: announced, but its use closes the connection."},
               {"times", &kTimes, "Only so many uses; always unless given."},
               {"user", &kAddress, "Only when this user is logged in."},
               {"clients", &kClients, "Only for clients with these addresses."},
           },
           {"hide", "announce", "broken", "reply", "drop"});
const Shape kFault = object(
    "a fault",
    {
        {"at", &kDuration, "When it begins, from the start; 0s unless given."},
        {"for", &kDuration,
         "How long it lasts; until the end unless given (\"down\" may say it too)."},
        {"host", &kHostName,
         "A host: with \"down\" it is off, with \"answer\" its servers (of mail or the DNS) give a "
         "chosen reply, with \"capability\" they announce or do something else."},
        {"link", &kLinkPair, "A link: with \"down\", \"latency\", \"bandwidth\" or \"loss\"."},
        {"dns", &kDnsFault, "DNS records change or go missing."},
        {"mailboxFull", &kAddress, "This user's mailbox takes no more."},
        {"down", &kFor, "Host or link is off, for a duration or for good."},
        {"answer", &kAnswer, "The host answers a chosen reply at a chosen command."},
        {"capability", &kCapability, "A capability of the host's servers is hidden or different."},
        {"latency", &kDuration, "Link: one way."},
        {"bandwidth", &kRate, "Link: per direction."},
        {"loss", &kPercent, "Link: probability that a packet is lost."},
    },
    {"host", "link", "dns", "mailboxFull"});
const Shape kFaults = list("a list of faults", kFault, 10'000);

// Expectations.
const Shape kAction = choice("\"failed\", \"delayed\", \"delivered\", \"relayed\" or \"expanded\"",
                             {"failed", "delayed", "delivered", "relayed", "expanded"});
const Shape kStatus =
    text("an enhanced status code such as \"5.1.1\"", 11, "[245]\\.[0-9]{1,3}\\.[0-9]{1,3}");
const Shape kDsnMatch = object("a delivery status notification",
                               {
                                   {"action", &kAction, "Action field of a recipient (RFC 3464)."},
                                   {"status", &kStatus, "Status field of a recipient."},
                                   {"recipient", &kAddress, "Final recipient."},
                               });
const Shape kFlagList = list("a list of flags", kFlagName, 32);
const Shape kMessageMatch =
    object("a message", {
                            {"from", &kTitle, "The From field contains this."},
                            {"to", &kTitle, "The To field contains this."},
                            {"subject", &kTitle, "The decoded subject contains this."},
                            {"text", &kProse, "The decoded body contains this."},
                            {"flags", &kFlagList, "It has all these flags."},
                            {"dsn", &kDsnMatch, "It is a delivery status notification like this."},
                        });
const Shape kCount = integer("a count", 0, 100'000'000);
const Shape kFields = map("fields of an event by name", "[a-z0-9_]+", kScalar, 20);
const Shape kEventKind =
    text("a kind of event such as \"smtp.reply\"", 64, "[a-z0-9]+\\.[a-z0-9_]+");
const Shape kEventMatch =
    object("an event",
           {
               {"kind", &kEventKind, "Kind of the event; `docs/trace.md` lists them.", true},
               {"host", &kHostName, "Host where it happens."},
               {"peer", &kHostName, "The other host."},
               {"fields", &kFields, "Fields: a number must be equal, a text must be contained."},
               {"caused", &kBoolean, "true: the event matched before is among its causes."},
               {"after", &kDuration, "Not earlier than this, from the start."},
               {"before", &kDuration, "Not later than this, from the start."},
           });
const Shape kEventList = list("a list of events", kEventMatch, 100, 1);
const Shape kCode = integer("a reply code", 200, 599);
const Shape kReplyMatch =
    object("an SMTP reply", {
                                {"code", &kCode, "Three digits.", true},
                                {"enhanced", &kStatus, "Enhanced status code."},
                                {"host", &kHostName, "The server."},
                                {"text", &kTitle, "The reply's text contains this."},
                            });
const Shape kExpect =
    object("an expectation",
           {
               {"by", &kDuration, "Checked at this time from the start; at the end unless given."},
               {"mailbox", &kMailboxPath, "A mailbox on the server: \"bob@globex.example/INBOX\"."},
               {"device", &kMailboxPath, "What a device holds: \"bob@globex.example/laptop\"."},
               {"queue", &kHostName, "The outbound queue of a host."},
               {"events", &kEventList, "These events happen in this order."},
               {"never", &kEventList, "None of these events happens."},
               {"reply", &kReplyMatch, "Some server gives this SMTP reply."},
               {"has", &kMessageMatch, "Mailbox or device: holds a message like this."},
               {"hasNot", &kMessageMatch, "Mailbox or device: holds no message like this."},
               {"count", &kCount, "Mailbox, device or queue: number of messages."},
           },
           {"mailbox", "device", "queue", "events", "never", "reply"});
const Shape kExpects = list("a list of expectations", kExpect, 10'000);

// Lesson.
const Shape kChapter = object("a chapter", {
                                               {"title", &kTitle, "Title on the timeline.", true},
                                               {"at", &kDuration, "When it begins.", true},
                                           });
const Shape kChapters = list("a list of chapters", kChapter, 50);
const Shape kRfc = text("a citation such as \"RFC 5321 section 4.1.1.4\"", 64,
                        "RFC [0-9]{1,5}( section [0-9A-Z]+(\\.[0-9]+)*)?");
const Shape kNote =
    object("a note", {
                         {"when", &kEventMatch, "At the first event that matches.", true},
                         {"say", &kTitle, "The sentence in bold.", true},
                         {"more", &kProse, "The sentence below it."},
                         {"rfc", &kRfc, "Where the rule stands."},
                     });
const Shape kNotes = list("a list of notes", kNote, 200);
const Shape kAnswers = list("a list of answers", kTitle, 4, 2);
const Shape kRight = integer("the number of the right answer, from 0", 0, 3);
const Shape kQuestion =
    object("a question", {
                             {"when", &kEventMatch, "Before the first event that matches.", true},
                             {"ask", &kTitle, "The question.", true},
                             {"answers", &kAnswers, "Two to four answers.", true},
                             {"right", &kRight, "Number of the right answer, from 0.", true},
                             {"because", &kProse, "Why it is right.", true},
                         });
const Shape kQuestions = list("a list of questions", kQuestion, 100);
const Shape kLesson = object(
    "a lesson",
    {
        {"chapters", &kChapters, "Chapters; made from what happens unless given."},
        {"notes", &kNotes, "Sentences of the author at chosen events."},
        {"questions", &kQuestions, "Questions that hide what comes until they are answered."},
    });

const Shape kSeed = integer("a seed", 0, 9'007'199'254'740'991);
const Shape kUri = text("the schema's place", 500);
const Shape kRoot = object(
    "a scenario",
    {
        {"$schema", &kUri, "Place of the JSON Schema, for editors."},
        {"title", &kTitle, "Title of the lesson.", true},
        {"description", &kProse, "What it is about, a few sentences."},
        {"goals", &kStrings, "What a student knows afterwards."},
        {"seed", &kSeed, "Seed of everything random; 1 unless given."},
        {"start", &kDate,
         "Date and time at which the scenario starts; 2026-03-02T09:00:00Z unless given."},
        {"duration", &kDuration, "How long it runs; until nothing is left to do unless given."},
        {"capture", &kBoolean, "Keep the contents of packets in the trace; false unless given."},
        {"showSecrets", &kBoolean,
         "Show passwords in the trace instead of redacting them; false unless given."},
        {"domains", &kDomains, "Mail domains by name.", true},
        {"network", &kNetwork, "Links."},
        {"script", &kScript, "What people do."},
        {"faults", &kFaults, "What breaks."},
        {"expect", &kExpects, "What must be true: the scenario is a test as well."},
        {"lesson", &kLesson, "What the author wants to say."},
    });

}  // namespace

const Shape& scenario_shape() {
  return kRoot;
}

const Shape& fault_shape() {
  return kFault;
}

}  // namespace mailscope::scenario
