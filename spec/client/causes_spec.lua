-- libcurl's result codes: each is judged on purpose, by a row of causes.c or as those below.

-- Codes of other protocols, of options that are not set, and those that say no more than that an answer was not as it
-- should be: judged by whether the request was sent.
local BY_SENT = [[
  AGAIN AUTH_ERROR BAD_CONTENT_ENCODING BAD_DOWNLOAD_RESUME BAD_FUNCTION_ARGUMENT CHUNK_FAILED
  FILESIZE_EXCEEDED FILE_COULDNT_READ_FILE FTP_ACCEPT_FAILED FTP_ACCEPT_TIMEOUT FTP_BAD_FILE_LIST
  FTP_CANT_GET_HOST FTP_COULDNT_RETR_FILE FTP_COULDNT_SET_TYPE FTP_COULDNT_USE_REST FTP_PORT_FAILED
  FTP_PRET_FAILED FTP_WEIRD_227_FORMAT FTP_WEIRD_PASS_REPLY FTP_WEIRD_PASV_REPLY FUNCTION_NOT_FOUND HTTP2
  HTTP2_STREAM HTTP3 HTTP_POST_ERROR HTTP_RETURNED_ERROR INTERFACE_FAILED LDAP_CANNOT_BIND LDAP_SEARCH_FAILED
  LOGIN_DENIED NOT_BUILT_IN NO_CONNECTION_AVAILABLE PARTIAL_FILE QUIC_CONNECT_ERROR QUOTE_ERROR RANGE_ERROR
  READ_ERROR RECURSIVE_API_CALL REMOTE_ACCESS_DENIED REMOTE_DISK_FULL REMOTE_FILE_EXISTS REMOTE_FILE_NOT_FOUND
  RTSP_CSEQ_ERROR RTSP_SESSION_ERROR SEND_FAIL_REWIND SETOPT_OPTION_SYNTAX SSH TFTP_ILLEGAL TFTP_NOSUCHUSER
  TFTP_NOTFOUND TFTP_PERM TFTP_UNKNOWNID TOO_MANY_REDIRECTS UNKNOWN_OPTION UNSUPPORTED_PROTOCOL UPLOAD_FAILED
  URL_MALFORMAT WEIRD_SERVER_REPLY WRITE_ERROR
]]

local function names_in(text, pattern)
  local names = {}
  for name in text:gmatch(pattern) do names[name] = true end
  return names
end

describe("the codes of the libcurl that the module is built with", function()
  it("are all judged on purpose", function()
    local pipe <close> = assert(io.popen("echo '#include <curl/curl.h>' | cc -E -P $(pkg-config --cflags libcurl) -"))
    local header = pipe:read("a")
    local list = assert(header:match("(CURLE_OK.-)CURL_LAST"), "no list of codes in curl.h")
    local file <close> = assert(io.open("src/client/causes.c"))
    local rows, by_sent = names_in(file:read("a"), "([%u_]+)"), names_in(BY_SENT, "[%u%d_]+")
    file:seek("set")
    for name in pairs(names_in(file:read("a"), "CURLE_([%u%d_]+)")) do rows[name] = true end
    local count = 0
    for name in list:gmatch("CURLE_([%u%d_]+)") do
      count = count + 1
      assert.is_true(name:find("^OBSOLETE") ~= nil or rows[name] or by_sent[name] or false,
        "nobody has thought of CURLE_" .. name)
    end
    assert.is_true(count > 90)
  end)
end)
