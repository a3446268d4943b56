mailscope_fuzz(dns SOURCES dns_fuzz.cpp LINK dns)
