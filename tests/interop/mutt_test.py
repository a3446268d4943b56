"""mutt against the server: see mutts.py."""
import harness
import mutts

harness.needs("mutt")


@harness.both_ways
class Mutt(mutts.Mutt):
    program = "mutt"


if __name__ == "__main__":
    harness.main()
