# SPDX-License-Identifier: MIT
# Lists the functions of clang-formatted C files that have more than `limit` lines, from the line of the name to
# the closing brace; exit 1 where there is one, or where no function was seen at all.
# Usage: awk -v limit=60 -f tools/long_functions.awk FILES
FNR == 1 { start = 0; inside = 0 }
!inside && /^[A-Za-z_].*\(/ { start = FNR; name = $0 }
!inside && /^\{$/ && start { inside = 1 }
inside && /^\}$/ {
    seen++
    lines = FNR - start + 1
    if (lines > limit) {
        print FILENAME ":" start ": " lines " lines, at most " limit ": " name
        long++
    }
    inside = 0
    start = 0
}
END {
    print seen + 0 " functions, " long + 0 " longer than " limit " lines"
    exit long > 0 || !seen
}
