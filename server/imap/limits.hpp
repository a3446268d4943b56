// Every limit of the IMAP engines, with its unit and its reason.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "server/net/time.hpp"

namespace mailscope::imap {

// What a client may send.
/// Octets of a command outside its literals. RFC 7162 section 4 asks for 8192 at least; clients
/// send long UID sets.
inline constexpr std::size_t kMaxLine = 65'536;
/// The same before login, when anybody may fill our memory. The longest ID that RFC 2971
/// section 3.3 allows has 30 fields of 30 octets with values of 1,024.
inline constexpr std::size_t kMaxLineBeforeLogin = 32'768;
/// Octets of one literal but APPEND's message: names, passwords, search strings.
inline constexpr std::size_t kMaxLiteral = 65'536;
inline constexpr std::size_t kMaxLiteralBeforeLogin = 1'024;
/// Octets of a whole command, literals included, APPEND's message not counted.
inline constexpr std::size_t kMaxCommand = 262'144;
/// Octets of a refused non-synchronizing literal that we read to throw away; RFC 7888 section 4
/// leaves only that or closing the connection, which we do beyond this size.
inline constexpr std::size_t kMaxDiscard = 268'435'456;
/// Octets of one SASL response line in base64 (RFC 4959 asks for no limit; Kerberos tickets fit).
inline constexpr std::size_t kMaxSaslLine = 12'288;
/// Octets that wait behind a long answer besides one message to append.
inline constexpr std::size_t kMaxHeldInput = 1'048'576;
/// Parentheses and NOT / OR inside each other in SEARCH: the evaluator recurses.
inline constexpr std::size_t kMaxSearchDepth = 50;
/// Keys of one SEARCH: each costs time per message.
inline constexpr std::size_t kMaxSearchKeys = 1'000;
/// Data items of one FETCH; the largest macro has 5, real clients ask for about 10.
inline constexpr std::size_t kMaxFetchItems = 100;
/// Part numbers in one section ("1.2.3"); the MIME parser goes no deeper than 32.
inline constexpr std::size_t kMaxSectionDepth = 64;
/// Octets of one keyword, and keywords of one STORE or APPEND.
inline constexpr std::size_t kMaxKeyword = 128;
inline constexpr std::size_t kMaxKeywords = 100;
/// Octets of a LIST pattern: matching costs up to this times the name's length, for each mailbox.
inline constexpr std::size_t kMaxListPattern = 512;
/// Patterns and options of one LIST.
inline constexpr std::size_t kMaxListPatterns = 32;
inline constexpr std::size_t kMaxListOptions = 16;
/// Characters of a preview: RFC 8970 section 3.3 allows 200.
inline constexpr std::size_t kPreviewCharacters = 200;
/// Octets of HTML that are looked through for them.
inline constexpr std::size_t kPreviewOctets = 65'536;
/// Messages of one APPEND, and pieces of one message of CATENATE: each costs memory and time.
inline constexpr std::size_t kMaxAppendMessages = 20'000;
inline constexpr std::size_t kMaxCatenateParts = 1'000;
/// All literals of one APPEND, as a multiple of the limit of one: they are kept until all are
/// there.
inline constexpr std::size_t kMaxAppendTotal = 2;
/// RFC 7888 section 5: what LITERAL- allows a client to send unasked.
inline constexpr std::size_t kMaxLiteralMinus = 4'096;
/// Fields of one ID command (RFC 2971 section 3.3).
inline constexpr std::size_t kMaxIdFields = 30;

// What a client may do before we hang up.
/// Failed logins on one connection: guessing passwords must be slow.
inline constexpr int kMaxAuthFailures = 3;
/// Commands answered BAD on one connection, in a row: it is not speaking IMAP.
inline constexpr int kMaxBadCommands = 20;
/// And before login, where a browser or a scanner may have been sent at us.
inline constexpr int kMaxBadCommandsBeforeLogin = 5;

// Output.
/// Octets of output after which a long answer waits until some of it has left.
inline constexpr std::size_t kHighWater = 262'144;
/// Octets from which a literal is handed out in pieces and not copied at once.
inline constexpr std::size_t kStreamFrom = 65'536;
/// Messages whose facts are read from the store at a time while bodies are fetched.
inline constexpr std::size_t kFetchBatch = 64;

/// Messages whose facts a search looks at, and octets that it reads, in one turn: others wait
/// meanwhile, some 10 ms.
inline constexpr std::size_t kSearchSliceMessages = 50'000;
inline constexpr std::size_t kSearchSliceOctets = 4'194'304;

/// Messages between two candidates of a search over which the walk goes on.
inline constexpr std::uint32_t kSearchGap = 16;

// Compression.
/// Octets of zlib's state, both ways: deflate's 256 KB (zlib's manual: (1 << (15+2)) + (1 <<
/// (8+9))) and inflate's window.
inline constexpr std::size_t kDeflateOctets = 310'000;
/// Octets that are unpacked at a time: what a command may hold is checked between two of them.
inline constexpr std::size_t kInflatePiece = 65'536;
/// Octets out of one octet in, beyond the slack: DEFLATE reaches 1,032, mail 3 to 10, a text of
/// zeros to append is rare. What goes beyond is an attack on our time.
inline constexpr std::size_t kMaxInflateRatio = 100;
inline constexpr std::size_t kInflateSlack = 16'777'216;

// What the client engine takes from a server.
/// Octets of one response outside its literals: a long SEARCH result fits.
inline constexpr std::size_t kMaxResponseLine = 4'194'304;
/// Octets of one literal from a server: a message with large attachments.
inline constexpr std::size_t kMaxResponseLiteral = 134'217'728;
/// Lists inside each other: BODYSTRUCTURE of nested messages uses two or three levels per message.
inline constexpr std::size_t kMaxResponseDepth = 100;
/// Values in one response; each costs memory beyond its octets.
inline constexpr std::size_t kMaxResponseValues = 1'000'000;

// Sorting, threading, notifications.
/// Keys of one SORT; there are nine to choose from.
inline constexpr std::size_t kMaxSortCriteria = 20;
/// Identifiers of one References field that count: the last ones are the nearest ancestors.
inline constexpr std::size_t kMaxReferences = 1'000;
/// Groups of one NOTIFY, and mailboxes that one of its filters names.
inline constexpr std::size_t kMaxNotifyGroups = 50;
inline constexpr std::size_t kMaxNotifyNames = 100;
/// Mailboxes that one session watches, and accounts whose sharing it hears of: each costs memory
/// and time at every change.
inline constexpr std::size_t kMaxNotifyMailboxes = 1'000;
inline constexpr std::size_t kMaxNotifyAccounts = 1'000;
/// Messages whose headers SORT and THREAD read in one turn: others wait meanwhile, some 10 ms.
inline constexpr std::size_t kHeaderSlice = 5'000;
/// Searches with UPDATE of one session (RFC 5267 section 4.3.1), and results of a sorted one:
/// each change looks through them.
inline constexpr std::size_t kMaxSearchContexts = 10;
inline constexpr std::size_t kMaxSortedContext = 20'000;
/// Mailboxes of one ESEARCH (RFC 7377 section 2.4).
inline constexpr std::size_t kMaxSearchedMailboxes = 1'000;

// Annotations, quotas, languages, URLs.
/// Entries and options of one GETMETADATA or SETMETADATA.
inline constexpr std::size_t kMaxMetadataEntries = 100;
inline constexpr std::size_t kMaxMetadataOptions = 10;
/// Resources of one SETQUOTA; there are two.
inline constexpr std::size_t kMaxQuotaResources = 10;
/// Ranges of one LANGUAGE and patterns of one COMPARATOR.
inline constexpr std::size_t kMaxLanguageRanges = 50;
/// URLs of one GENURLAUTH or URLFETCH.
inline constexpr std::size_t kMaxUrls = 50;

// Waiting.
/// RFC 3501 section 5.4: the inactivity timer must be at least 30 minutes.
inline constexpr net::Duration kIdleTimeout = std::chrono::minutes(30);
/// Before login there is nothing worth keeping a connection for.
inline constexpr net::Duration kLoginTimeout = std::chrono::minutes(1);
/// And whatever was said, until somebody logs in: NOOP keeps nobody here for ever.
inline constexpr net::Duration kLoginTotal = std::chrono::minutes(10);
/// Between two words about the progress of a long command; RFC 9585 section 3 suggests 10 to 15 s.
inline constexpr net::Duration kProgressInterval = std::chrono::seconds(10);
/// A failed login is answered this late.
inline constexpr net::Duration kAuthFailureDelay = std::chrono::seconds(1);

}  // namespace mailscope::imap
