"""NeoMutt against the server: see mutts.py."""
import harness
import mutts

harness.needs("neomutt")


@harness.both_ways
class NeoMutt(mutts.Mutt):
    program = "neomutt"
    copies_in_batch = False  # "Fcc to an IMAP mailbox is not supported in batch mode"


if __name__ == "__main__":
    harness.main()
