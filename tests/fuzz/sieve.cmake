mailscope_fuzz(sieve SOURCES sieve_fuzz.cpp LINK sieve)
