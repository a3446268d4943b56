mailscope_fuzz(dns SOURCES ${CMAKE_CURRENT_LIST_DIR}/dns_fuzz.cpp LINK dns)
