mailscope_fuzz(proxy SOURCES proxy_fuzz.cpp LINK net)
