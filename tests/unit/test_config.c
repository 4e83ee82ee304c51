/* SPDX-License-Identifier: MIT */
#include "test_support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "config.h"
#include "path.h"
#include "posix_io.h"

/* The configuration of the original's README, to the letter. */
static const char readme[] = "merger_path: \"/path/to/some/merger/data/\"\n"
                             "harmonic_path: \"/path/to/some/harmonic/data/\"\n"
                             "harmonic_size_gb: 10\n"
                             "min_run: 55\n"
                             "max_run: 69\n";

#define PATHS "merger_path: /m\nharmonic_path: /h\n" /* lines 1 and 2 */
#define RANGE "min_run: 55\nmax_run: 69\n"
#define GOOD  PATHS "harmonic_size_gb: 10\n" RANGE /* lines 1 to 5 */
#define SIZED PATHS "harmonic_size_gb: 10\n"       /* lines 1 to 3 */

static struct hmz_config *parse(const char *text)
{
    struct hmz_config *config;
    struct hmz_error err;
    if (hmz_config_parse("c.yml", (const uint8_t *)text, strlen(text), &config, &err) != HMZ_OK)
        fail_msg("%s\n%s", err.text, text);
    return config;
}

static void check_readme(const struct hmz_config *config)
{
    assert_string_equal(config->merger.paths[0], "/path/to/some/merger/data/");
    assert_string_equal(config->harmonic_path, "/path/to/some/harmonic/data/");
    assert_true(config->settings.target_bytes == 10000000000);
    assert_true(config->settings.harmonic_count == 0);
    assert_int_equal(config->selection.ranges[0].first, 55);
    assert_int_equal(config->selection.ranges[0].last, 69);
    assert_int_equal(config->selection.skip_count, 0);
    assert_null(config->selection.skip_runs);
    assert_int_equal(config->settings.mode, HMZ_MODE_COPY);
    assert_int_equal(config->settings.frib, HMZ_FRIB_SET_ASIDE);
}

static void readme_works_unchanged(void **state)
{
    (void)state;
    struct hmz_config *config = parse(readme);
    check_readme(config);
    assert_string_equal(config->file, "c.yml");
    assert_int_equal(config->merger_line, 1);
    assert_int_equal(config->harmonic_line, 2);
    hmz_config_free(config);
}

static void every_way_to_write_it_works(void **state)
{
    (void)state;
    static const char *const texts[] = {
        /* without quotes, with comments, in another order */
        "# our experiment\nmax_run: 69 # last\nmin_run: 55\n\nharmonic_size_gb: 10\n"
        "harmonic_path: /path/to/some/harmonic/data/ # must exist\nmerger_path: /path/to/some/merger/data/\n",
        /* numbers: leading zeros, plus, floats */
        "merger_path: '/path/to/some/merger/data/'\nharmonic_path: /path/to/some/harmonic/data/\n"
        "harmonic_size_gb: 1e1\nmin_run: 0055\nmax_run: +69\n",
        /* line ends of Windows and a mark */
        "\xef\xbb\xbfmerger_path: /path/to/some/merger/data/\r\nharmonic_path: "
        "/path/to/some/harmonic/data/\r\n"
        "harmonic_size_gb: 10.0\r\nmin_run: 55\r\nmax_run: 69\r\n",
        /* tabs as blanks, quoted keys, no line end at the end */
        "\"merger_path\":\t/path/to/some/merger/data/\n'harmonic_path' : /path/to/some/harmonic/data/\t\n"
        "harmonic_size_gb:\t10\t# GB\n \nmin_run: 55\nmax_run: 69",
        /* flow style, as JSON too */
        "{merger_path: /path/to/some/merger/data/, harmonic_path: /path/to/some/harmonic/data/,\n"
        " harmonic_size_gb: 10, min_run: 55, max_run: 69}",
        "{\"merger_path\": \"/path/to/some/merger/data/\", \"harmonic_path\": "
        "\"/path/to/some/harmonic/data/\", "
        "\"harmonic_size_gb\": 10, \"min_run\": 55, \"max_run\": 69}",
        /* directives and document marks, explicit tags, aliases, folded text, explicit keys */
        "%YAML 1.1\n---\nmerger_path: !!str /path/to/some/merger/data/\n"
        "harmonic_path: >-\n  /path/to/some/harmonic/data/\nharmonic_size_gb: !!float 10\nmin_run: !!int 55\n"
        "? max_run\n: 69\nmode: &mode copy\n...\n",
        "merger_path: /path/to/some/merger/data/\nharmonic_path: /path/to/some/harmonic/data/\n"
        "harmonic_size_gb: 10\nmax_run: &last 69\nmin_run: 55\nskip_runs: []\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct hmz_config *config = parse(texts[i]);
        check_readme(config);
        hmz_config_free(config);
    }
}

static void optional_keys_are_read(void **state)
{
    (void)state;
    struct hmz_config *config = parse(PATHS RANGE "harmonic_count: 032\nmode: link\nfrib_for_spyral: keep\n"
                                                  "skip_runs: [60, 0057, 2147483647, 57, 60, 0]\n");
    assert_true(config->settings.harmonic_count == 32 && config->settings.target_bytes == 0);
    assert_int_equal(config->settings.mode, HMZ_MODE_LINK);
    assert_int_equal(config->settings.frib, HMZ_FRIB_KEEP);
    static const int32_t wanted[] = {0, 57, 60, INT32_MAX};
    assert_int_equal(config->selection.skip_count, 4);
    assert_memory_equal(config->selection.skip_runs, wanted, sizeof wanted);
    hmz_config_free(config);
    config = parse(GOOD "skip_runs:\n- 57\n- &a 58\n- *a\nmode: \"copy\"\n");
    assert_int_equal(config->selection.skip_count, 2);
    assert_int_equal(config->selection.skip_runs[1], 58);
    hmz_config_free(config);
}

static void limits_are_accepted(void **state)
{
    (void)state;
    struct hmz_config *config =
        parse(PATHS "harmonic_size_gb: 18446744073.709551615\nmin_run: 0\nmax_run: 2147483647\n");
    assert_true(config->settings.target_bytes == UINT64_MAX);
    assert_int_equal(config->selection.ranges[0].last, INT32_MAX);
    hmz_config_free(config);
    config = parse(PATHS "harmonic_size_gb: 0.0000000005\nmin_run: 5\nmax_run: 5\n");
    assert_true(config->settings.target_bytes == 1);
    hmz_config_free(config);
    config = parse(PATHS RANGE "harmonic_size_gb: 0.1\n");
    assert_true(config->settings.target_bytes == 100000000);
    hmz_config_free(config);
    config = parse(PATHS RANGE "harmonic_count: 2147483647\n");
    assert_true(config->settings.harmonic_count == INT32_MAX);
    hmz_config_free(config);
}

static void paths_stay_as_written(void **state)
{
    (void)state;
    struct hmz_config *config = parse("merger_path: ../data of 2024/\nharmonic_path: \"h\\u00e4rm # x\"\n"
                                      "harmonic_size_gb: 10\n" RANGE);
    assert_string_equal(config->merger.paths[0], "../data of 2024/");
    assert_string_equal(config->harmonic_path, "h\xc3\xa4rm # x");
    hmz_config_free(config);
    config = parse("merger_path: 123\nharmonic_path: \"null\"\nharmonic_size_gb: 10\n" RANGE);
    assert_string_equal(config->merger.paths[0], "123");
    assert_string_equal(config->harmonic_path, "null");
    hmz_config_free(config);
}

struct bad_case {
    const char *text;
    const char *start; /* of the message: file, line, key */
    const char *part;  /* somewhere in it */
};

static void check_bad(const struct bad_case *bad, const char *text, size_t length)
{
    struct hmz_config *config;
    struct hmz_error err;
    int status = hmz_config_parse("c.yml", (const uint8_t *)text, length, &config, &err);
    if (status == HMZ_OK)
        fail_msg("accepted:\n%s", text);
    assert_int_equal(status, HMZ_E_USAGE);
    assert_int_equal(err.status, HMZ_E_USAGE);
    assert_null(config);
    if (strncmp(err.text, bad->start, strlen(bad->start)) != 0 || !strstr(err.text, bad->part))
        fail_msg("\"%s\"\ndoes not begin with \"%s\" or lacks \"%s\"", err.text, bad->start, bad->part);
}

static void check_all_bad(const struct bad_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check_bad(&cases[i], cases[i].text, strlen(cases[i].text));
}

#define CHECK_ALL_BAD(cases) check_all_bad(cases, sizeof(cases) / sizeof *(cases))

static void bad_yaml_is_refused_with_its_line(void **state)
{
    (void)state;
    static const struct bad_case cases[] = {
        {"", "c.yml: ", "empty; expected"},
        {" \n\n", "c.yml: ", "empty"},
        {"# only a comment\n", "c.yml: ", "empty"},
        {"---\n", "c.yml: ", "empty"},
        {"---\n...\n", "c.yml: ", "empty"},
        {"~\n", "c.yml: ", "empty"},
        {"{}\n", "c.yml: merger_path: missing", ""},
        {GOOD "---\n" GOOD, "c.yml:6: ", "a second document"},
        {GOOD "---\n", "c.yml:6: ", "a second document"},
        {GOOD "...\n---\nx\n", "c.yml:7: ", "a second document"},
        {"just text\n", "c.yml:1: \"just text\"", "expected keys with values"},
        {"\n\n- merger_path\n", "c.yml:3: a list", "expected keys with values"},
        {"merger_path: \"/m\nharmonic_path: /h\n", "c.yml:", "not valid YAML"},
        {PATHS "harmonic_size_gb 10\n" RANGE, "c.yml:4: not valid YAML: could not find expected ':'",
         "line 3"},
        {PATHS "harmonic_size_gb: 10: 20\n" RANGE, "c.yml:3: not valid YAML", "mapping values"},
        {PATHS "\tharmonic_size_gb: 10\n", "c.yml:3: not valid YAML", "begins with a tab"},
        {PATHS "skip_runs: [57, 60\n", "c.yml:4: not valid YAML", "line 3"},
        {PATHS "min_run: *run\n", "c.yml:3: not valid YAML", "undefined alias"},
        {PATHS "min_run: @\n", "c.yml:3: not valid YAML", ""},
        {PATHS "# M\xfcnchen\n" RANGE, "c.yml:3: not valid YAML", "expected UTF-8"},
        {PATHS "x: \x01\n" RANGE, "c.yml:3: not valid YAML", "control characters"},
        {"\x89HDF\r\n\x1a\n", "c.yml:1: not valid YAML", "expected UTF-8"},
        {"? [a, b]\n: 1\n" GOOD, "c.yml:1: a list as a key", "expected merger_path"},
        {"? {a: b}\n: 1\n" GOOD, "c.yml:1: a mapping as a key", "expected merger_path"},
        {GOOD "&a [*a]: 5\n", "c.yml:6: a list as a key", ""},
    };
    CHECK_ALL_BAD(cases);
    static const struct bad_case nul = {"", "c.yml:1: not valid YAML", "control characters"};
    check_bad(&nul, "min_run: 5\0", 11);
}

static void bad_keys_are_named(void **state)
{
    (void)state;
    static const struct bad_case cases[] = {
        {"harmonic_path: /h\nharmonic_size_gb: 10\n" RANGE, "c.yml: merger_path: missing", "expected"},
        {"merger_path: /m\nharmonic_size_gb: 10\n" RANGE, "c.yml: harmonic_path: missing", "expected"},
        {PATHS "harmonic_size_gb: 10\nmax_run: 69\n", "c.yml: min_run: missing", "expected"},
        {PATHS "harmonic_size_gb: 10\nmin_run: 55\n", "c.yml: max_run: missing", "expected"},
        {PATHS RANGE, "c.yml: harmonic_size_gb: missing", "or harmonic_count"},
        {GOOD "harmonic_count: 32\n", "c.yml:6: harmonic_count: ", "beside harmonic_size_gb (line 3)"},
        {GOOD "min_run: 56\n", "c.yml:6: min_run: given twice", "line 4"},
        {GOOD "\"min_run\": 55\n", "c.yml:6: min_run: given twice", "line 4"},
        {GOOD "skip_runs: [1]\nskip_runs: [1]\n", "c.yml:7: skip_runs: given twice", "line 6"},
        {"harmonic_size: 10\n" PATHS RANGE, "c.yml:1: unknown key \"harmonic_size\"",
         "mean harmonic_size_gb?"},
        {GOOD "merge_path: /m\n", "c.yml:6: unknown key \"merge_path\"", "did you mean merger_path?"},
        {GOOD "Min_run: 5\n", "c.yml:6: unknown key \"Min_run\"", "did you mean min_run?"},
        {GOOD "modes: copy\n", "c.yml:6: unknown key \"modes\"", "did you mean mode?"},
        {GOOD "events: 5\n", "c.yml:6: unknown key \"events\"; expected merger_path, ", "skip_runs"},
        {GOOD "runs: [5]\n", "c.yml:6: runs: given beside min_run (line 4)",
         "either runs, or min_run and max_run"},
        {PATHS "harmonic_count: 3\nprocesses: 8\n",
         "c.yml:4: processes: given beside harmonic_count (line 3)", ""},
        {SIZED "processes: 0\n", "c.yml:4: processes: \"0\" is not above 0", ""},
        {SIZED "processes: 4097\n", "c.yml:4: processes: \"4097\" is too large", "from 1 to 4096"},
        {SIZED "processes: 1.5\n", "c.yml:4: processes: \"1.5\" is not a whole number", ""},
        {SIZED "processes: [8]\n", "c.yml:4: processes: a list", ""},
        {SIZED "min_run: 5\n", "c.yml: max_run: missing",
         "min_run is given (line 4); without both, all runs"},
        {SIZED "max_run: 5\n", "c.yml: min_run: missing",
         "max_run is given (line 4); without both, all runs"},
        {SIZED "max_run: 5\nruns: [5]\n", "c.yml:5: runs: given beside max_run (line 4)", "expected"},
        {GOOD "the_gas_we_used: H2\n", "c.yml:6: unknown key \"the_gas_we_used\"",
         "expected merger_path, harmonic_path, harmonic_size_gb or harmonic_count, min_run and max_run or "
         "runs, "
         "skip_runs, "
         "processes, mode"},
        {GOOD "<<: {mode: link}\n", "c.yml:6: unknown key \"<<\"", ""},
        {GOOD "~: 5\n", "c.yml:6: unknown key \"~\"", ""},
        {GOOD "\"mode\\0\": copy\n", "c.yml:6: unknown key", ""},
        {GOOD "\"a\\nb\\x1b\": 5\n", "c.yml:6: unknown key \"a?b?\"", ""},
    };
    CHECK_ALL_BAD(cases);
}

static void several_folders_and_ranges(void **state)
{
    (void)state;
    struct hmz_config *config = parse("merger_path: [/disk1/merged, \"/disk 2\"]\nharmonic_path: /h\n"
                                      "harmonic_count: 3\nruns: [63, 055-0060, \"58-61\", 65, 64-64]\n"
                                      "skip_runs: [57]\n");
    assert_int_equal(config->merger.count, 2);
    assert_string_equal(config->merger.paths[1], "/disk 2");
    assert_string_equal(config->merger.text, "/disk1/merged, /disk 2");
    const struct hmz_run_selection *selection = &config->selection;
    assert_int_equal(selection->range_count, 2);
    assert_true(selection->ranges[0].first == 55 && selection->ranges[0].last == 61);
    assert_true(selection->ranges[1].first == 63 && selection->ranges[1].last == 65);
    assert_true(hmz_run_selection_has(selection, 61) && !hmz_run_selection_has(selection, 57) &&
                !hmz_run_selection_has(selection, 62) && hmz_run_selection_spans(selection, 57));
    char *word;
    char *text;
    struct hmz_error err;
    struct hmz_run_folders again;
    assert_ok(hmz_run_selection_text(selection, &text, &err), err);
    assert_string_equal(text, "55 to 61, 63 to 65");
    assert_ok(hmz_run_folders_pack(&config->merger, &word, &err), err);
    assert_ok(hmz_run_folders_unpack(word, &again, &err), err);
    assert_true(hmz_run_folders_same(&config->merger, &again));
    hmz_run_folders_release(&again);
    assert_fails(hmz_run_folders_unpack("9:/m,", &again, &err), HMZ_E_USAGE, "no list of folders", err);
    hmz_run_folders_release(&again);
    free(word);
    free(text);
    hmz_config_free(config);
    config = parse(SIZED "processes: 016\n");
    assert_int_equal(config->settings.processes, 16);
    hmz_config_free(config);
    config = parse(SIZED);
    assert_int_equal(config->settings.processes, 0);
    assert_true(config->selection.range_count == 0 && hmz_run_selection_has(&config->selection, INT32_MAX));
    hmz_config_free(config);
}

static void bad_lists_are_named(void **state)
{
    (void)state;
#define RUNS(value)    SIZED "runs: " value "\n"
#define FOLDERS(value) "merger_path: " value "\nharmonic_path: /h\nharmonic_size_gb: 10\n"
    static const struct bad_case cases[] = {
        {RUNS("55-60"), "c.yml:4: runs: \"55-60\" is no list; expected a list of runs and ranges", ""},
        {RUNS("[]"), "c.yml:4: runs: a list without a run", ""},
        {RUNS("[60-55]"), "c.yml:4: runs: \"60-55\" ends below its beginning", ""},
        {RUNS("[55-]"), "c.yml:4: runs: \"55-\" is no range", ""},
        {RUNS("[-5]"), "c.yml:4: runs: \"-5\" is negative", ""},
        {RUNS("[5--6]"), "c.yml:4: runs: \"5--6\"", ""},
        {RUNS("[55 - 60]"), "c.yml:4: runs: \"55 - 60\" is no range", ""},
        {RUNS("[55-60-65]"), "c.yml:4: runs: \"55-60-65\" is no range", ""},
        {RUNS("[1-2147483648]"), "c.yml:4: runs: \"1-2147483648\" is too large", ""},
        {RUNS("[\"55\"]"), "c.yml:4: runs: \"55\" is text, not a number", ""},
        {RUNS("[[55]]"), "c.yml:4: runs: a list", ""},
        {RUNS("[5.5]"), "c.yml:4: runs: \"5.5\" is not a whole number", ""},
        {RUNS("[\"5-6\\0\"]"), "c.yml:4: runs: ", ""},
        {RUNS(""), "c.yml:4: runs: no value", ""},
        {FOLDERS("[]"), "c.yml:1: merger_path: a list without a folder", ""},
        {FOLDERS("[/m, \"\"]"), "c.yml:1: merger_path: \"\" is empty", ""},
        {FOLDERS("[/m, [/n]]"), "c.yml:1: merger_path: a list", ""},
    };
    CHECK_ALL_BAD(cases);
}

static void bad_sizes_and_counts_are_named(void **state)
{
    (void)state;
#define SIZE(value)  PATHS "harmonic_size_gb: " value "\n" RANGE
#define COUNT(value) PATHS "harmonic_count: " value "\n" RANGE
#define AT_SIZE      "c.yml:3: harmonic_size_gb: "
#define AT_COUNT     "c.yml:3: harmonic_count: "
    static const struct bad_case cases[] = {
        {SIZE("10GB"), AT_SIZE "\"10GB\" is not a number; expected a size in GB such as 10 or 0.5", ""},
        {SIZE("10 GB"), AT_SIZE "\"10 GB\" is not a number", ""},
        {SIZE("nan"), AT_SIZE "\"nan\" is not a number", ""},
        {SIZE(".nan"), AT_SIZE "\".nan\" is not a number", ""},
        {SIZE(".inf"), AT_SIZE "\".inf\" is not a number", ""},
        {SIZE("0x10"), AT_SIZE "\"0x10\" is not a number", ""},
        {SIZE("0o17"), AT_SIZE "\"0o17\" is not a number", ""},
        {SIZE("1_000"), AT_SIZE "\"1_000\" is not a number", ""},
        {SIZE("1,5"), AT_SIZE "\"1,5\" is not a number", ""},
        {SIZE("true"), AT_SIZE "\"true\" is not a number", ""},
        {SIZE("0"), AT_SIZE "\"0\" GB is not above 0", ""},
        {SIZE("-0.0"), AT_SIZE "\"-0.0\" GB is not above 0", ""},
        {SIZE("1e-10"), AT_SIZE "\"1e-10\" GB is not above 0", ""},
        {SIZE("-1"), AT_SIZE "\"-1\" is negative", ""},
        {SIZE("-.5"), AT_SIZE "\"-.5\" is negative", ""},
        {SIZE("18446744073.7095516155"), AT_SIZE "\"18446744073.7095516155\" is too large", ""},
        {SIZE("1e999999999999999999999"), AT_SIZE, "is too large"},
        {SIZE(""), AT_SIZE "no value", "expected a size"},
        {SIZE("~"), AT_SIZE "no value", "expected a size"},
        {SIZE("null"), AT_SIZE "no value", "expected a size"},
        {SIZE("\"10\""), AT_SIZE "\"10\" is text", "quotes"},
        {SIZE("'10'"), AT_SIZE "\"10\" is text", "quotes"},
        {SIZE("!!int \"10\""), AT_SIZE "\"10\" is text", "quotes"},
        {SIZE("!gb 10"), AT_SIZE "\"10\" has a tag", "expected a size"},
        {SIZE("[10]"), AT_SIZE "a list; expected a size", ""},
        {SIZE("{a: b}"), AT_SIZE "a mapping; expected a size", ""},
        {SIZE("&a [*a]"), AT_SIZE "a list", ""},
        {COUNT("0"), AT_COUNT "\"0\" is not above 0", ""},
        {COUNT("-3"), AT_COUNT "\"-3\" is negative", ""},
        {COUNT("2147483648"), AT_COUNT "\"2147483648\" is too large", ""},
        {COUNT("1.5"), AT_COUNT "\"1.5\" is not a whole number", ""},
        {COUNT("many"), AT_COUNT "\"many\" is not a whole number", ""},
        {COUNT(""), AT_COUNT "no value", "expected a number of harmonic runs"},
        {COUNT("'32'"), AT_COUNT "\"32\" is text", ""},
        {COUNT("[32]"), AT_COUNT "a list", ""},
    };
    CHECK_ALL_BAD(cases);
}

static void bad_runs_are_named(void **state)
{
    (void)state;
#define MIN(value)  PATHS "harmonic_size_gb: 10\nmin_run: " value "\nmax_run: 69\n"
#define MAX(value)  PATHS "harmonic_size_gb: 10\nmin_run: 55\nmax_run: " value "\n"
#define SKIP(value) GOOD "skip_runs: " value "\n"
#define AT_MIN      "c.yml:4: min_run: "
#define AT_MAX      "c.yml:5: max_run: "
#define AT_SKIP     "c.yml:6: skip_runs: "
    static const struct bad_case cases[] = {
        {MIN("55.5"), AT_MIN "\"55.5\" is not a whole number; expected a run number from 0 to 2147483647",
         ""},
        {MIN("55.0"), AT_MIN "\"55.0\" is not a whole number", ""},
        {MIN("55-69"), AT_MIN "\"55-69\" is not a whole number", ""},
        {MIN("55 69"), AT_MIN "\"55 69\" is not a whole number", ""},
        {MIN("0x37"), AT_MIN "\"0x37\" is not a whole number", ""},
        {MIN("run_0055"), AT_MIN "\"run_0055\" is not a whole number", ""},
        {MIN("nan"), AT_MIN "\"nan\" is not a whole number", ""},
        {MIN("-1"), AT_MIN "\"-1\" is negative", ""},
        {MIN("2147483648"), AT_MIN "\"2147483648\" is too large", ""},
        {MIN("4294967351"), AT_MIN "\"4294967351\" is too large", ""},
        {MIN(""), AT_MIN "no value", ""},
        {MIN("\"55\""), AT_MIN "\"55\" is text", "quotes"},
        {MIN("|-\n  55"), AT_MIN "\"55\" is text", ""},
        {MIN("[55]"), AT_MIN "a list; expected a run number", ""},
        {MIN("{}"), AT_MIN "a mapping; expected a run number", ""},
        {MIN("70"), AT_MAX "69 is below min_run, 70", ""},
        {MAX("54"), AT_MAX "54 is below min_run, 55", ""},
        {MAX("-1"), AT_MAX "\"-1\" is negative", ""},
        {MAX("99999999999999999999"), AT_MAX "\"99999999999999999999\" is too large", ""},
        {MAX("sixty-nine"), AT_MAX "\"sixty-nine\" is not a whole number", ""},
        {SKIP(""), AT_SKIP "no value; expected a list of run numbers such as [57, 60]", ""},
        {SKIP("57"), AT_SKIP "\"57\" is no list", ""},
        {SKIP("{57: 60}"), AT_SKIP "a mapping; expected a list", ""},
        {SKIP("[57, 60.5]"), AT_SKIP "\"60.5\" is not a whole number", "expected a list"},
        {SKIP("[57-60]"), AT_SKIP "\"57-60\" is not a whole number", ""},
        {SKIP("[57, -1]"), AT_SKIP "\"-1\" is negative", ""},
        {SKIP("[57, 2147483648]"), AT_SKIP "\"2147483648\" is too large", ""},
        {SKIP("[57, \"60\"]"), AT_SKIP "\"60\" is text", ""},
        {SKIP("[57, ~]"), AT_SKIP "no value", ""},
        {SKIP("[57, [60]]"), AT_SKIP "a list; expected", ""},
        {SKIP("&a [57, *a]"), AT_SKIP "a list; expected", ""},
        {SKIP("\n  - 57\n  - 58x"), "c.yml:8: skip_runs: \"58x\" is not", ""},
    };
    CHECK_ALL_BAD(cases);
}

static void bad_texts_are_named(void **state)
{
    (void)state;
    static const struct bad_case cases[] = {
        {"merger_path:\nharmonic_path: /h\nharmonic_size_gb: 10\n" RANGE,
         "c.yml:1: merger_path: no value; expected the folder of the merged runs", ""},
        {"merger_path: ~\nharmonic_path: /h\nharmonic_size_gb: 10\n" RANGE, "c.yml:1: merger_path: no value",
         ""},
        {"merger_path: \"\"\nharmonic_path: /h\nharmonic_size_gb: 10\n" RANGE,
         "c.yml:1: merger_path: \"\" is empty", ""},
        {"merger_path: {a: b}\nharmonic_path: /h\nharmonic_size_gb: 10\n" RANGE,
         "c.yml:1: merger_path: a mapping", ""},
        {"merger_path: /m\nharmonic_path: {a: b}\nharmonic_size_gb: 10\n" RANGE,
         "c.yml:2: harmonic_path: a mapping; expected the folder for the harmonic runs", ""},
        {"merger_path: \"/m\\0/n\"\nharmonic_path: /h\nharmonic_size_gb: 10\n" RANGE,
         "c.yml:1: merger_path: ", "NUL"},
        {"merger_path: !!binary L20=\nharmonic_path: /h\nharmonic_size_gb: 10\n" RANGE,
         "c.yml:1: merger_path: \"L20=\" has a tag", ""},
        {GOOD "mode: hardlink\n", "c.yml:6: mode: \"hardlink\" is no mode; expected copy or link", ""},
        {GOOD "mode: Copy\n", "c.yml:6: mode: \"Copy\" is no mode", ""},
        {GOOD "mode: \"copy\\0\"\n", "c.yml:6: mode: ", "is no mode"},
        {GOOD "mode:\n", "c.yml:6: mode: no value; expected copy or link", ""},
        {GOOD "mode: [copy]\n", "c.yml:6: mode: a list; expected copy or link", ""},
        {GOOD "mode: true\n", "c.yml:6: mode: \"true\" is no mode", ""},
        {GOOD "frib_for_spyral: drop\n",
         "c.yml:6: frib_for_spyral: \"drop\" is neither; expected set_aside or keep", ""},
        {GOOD "frib_for_spyral:\n", "c.yml:6: frib_for_spyral: no value; expected set_aside or keep", ""},
        {GOOD "frib_for_spyral: {keep: 1}\n", "c.yml:6: frib_for_spyral: a mapping; expected", ""},
        {GOOD "frib: keep\n", "c.yml:6: unknown key \"frib\"", ""},
        {GOOD "frib_for_spyrals: keep\n", "c.yml:6: unknown key", "did you mean frib_for_spyral?"},
    };
    CHECK_ALL_BAD(cases);
}

static void long_texts_are_cut_between_characters(void **state)
{
    (void)state;
    char text[1000] = GOOD "mode: x";
    while (strlen(text) < sizeof text - 3)
        memcpy(text + strlen(text), "\xc3\xa4", 3);
    static const struct bad_case bad = {"", "c.yml:6: mode: \"x\xc3\xa4",
                                        "\xc3\xa4\xe2\x80\xa6\" is no mode"};
    check_bad(&bad, text, strlen(text));
}

/* `piece` again and again, a million bytes; refused at once, without deep recursion. */
static void hostile_texts_end_soon(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "[",   "{",  "a: [",  "[a,",  "- ",  "? ", "{a: ",   "!t [",    "- - [",        "*a ",
        "&a ", "\"", "---\n", "%a\n", "#\n", "\n", "a: b\n", "[a, b],", "\xef\xbb\xbf", "- &a x\n"};
    enum { LENGTH = 1000000 };
    uint8_t *text = malloc(LENGTH);
    assert_non_null(text);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        size_t length = strlen(pieces[i]);
        for (size_t k = 0; k < LENGTH; k++)
            text[k] = (uint8_t)pieces[i][k % length];
        struct hmz_config *config;
        struct hmz_error err;
        assert_fails(hmz_config_parse("c.yml", text, LENGTH, &config, &err), HMZ_E_USAGE, "c.yml:", err);
    }
    size_t used = 0;
    for (int anchor = 0; used < LENGTH - 32; anchor++)
        used += (size_t)snprintf((char *)text + used, 32, "- &a%d x\n", anchor);
    struct hmz_config *config;
    struct hmz_error err;
    assert_fails(hmz_config_parse("c.yml", text, used, &config, &err), HMZ_E_USAGE,
                 "c.yml:101: more than 100 anchors", err);
    free(text);
}

static void write_file(const char *path, const char *text)
{
    struct hmz_error err;
    int fd;
    assert_ok(hmz_io_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666, &fd, &err), err);
    assert_ok(hmz_io_write_at(fd, text, strlen(text), 0, &err), err);
    assert_ok(hmz_io_close(fd, &err), err);
}

static void files_are_loaded(void **state)
{
    struct hmz_config *config;
    struct hmz_error err;
    char *path = hmz_path_join(*state, "c.yml");
    write_file(path, readme);
    assert_ok(hmz_config_load(path, &config, &err), err);
    check_readme(config);
    assert_string_equal(config->file, path);
    hmz_config_free(config);
    write_file(path, GOOD "mode: x\n");
    assert_fails(hmz_config_load(path, &config, &err), HMZ_E_USAGE, "c.yml:6: mode: \"x\"", err);
    assert_int_equal(truncate(path, HMZ_CONFIG_LIMIT_BYTES + 1), 0);
    assert_fails(hmz_config_load(path, &config, &err), HMZ_E_USAGE,
                 "more than 1048576 bytes; expected a configuration", err);
    assert_null(config);
    free(path);
    hmz_config_free(NULL);
}

/* Root may read anything, so it steps down where the test depends on a permission. */
static void as_nobody(void (*check)(const char *path), const char *path)
{
    enum { NOBODY = 65534 };
    uid_t user = geteuid();
    if (user == 0)
        assert_int_equal(seteuid(NOBODY), 0);
    check(path);
    if (user == 0)
        assert_int_equal(seteuid(user), 0);
}

static void check_unreadable(const char *path)
{
    struct hmz_config *config;
    struct hmz_error err;
    assert_fails(hmz_config_load(path, &config, &err), HMZ_E_USAGE, "Permission denied", err);
    assert_non_null(strstr(err.text, path));
    assert_null(config);
}

static void other_things_are_no_configuration(void **state)
{
    struct hmz_config *config;
    struct hmz_error err;
    char *path = hmz_path_join(*state, "c.yml");
    assert_fails(hmz_config_load(path, &config, &err), HMZ_E_USAGE, "c.yml: no such file", err);
    assert_fails(hmz_config_load("", &config, &err), HMZ_E_USAGE, "no such file", err);
    assert_fails(hmz_config_load(*state, &config, &err), HMZ_E_USAGE, ": a folder; expected", err);
    assert_fails(hmz_config_load("/dev/null", &config, &err), HMZ_E_USAGE, "/dev/null: empty", err);
    assert_fails(hmz_config_load("/dev/zero", &config, &err), HMZ_E_USAGE,
                 "/dev/zero: more than 1048576 bytes", err);
    assert_int_equal(symlink("c.yml", path), 0);
    assert_fails(hmz_config_load(path, &config, &err), HMZ_E_USAGE, "symbolic links", err);
    assert_int_equal(unlink(path), 0);
    write_file(path, readme);
    char *below = hmz_path_join(path, "c.yml");
    assert_fails(hmz_config_load(below, &config, &err), HMZ_E_USAGE, "Not a directory", err);
    assert_int_equal(chmod(*state, 0777), 0);
    assert_int_equal(chmod(path, 0), 0);
    as_nobody(check_unreadable, path);
    free(below);
    free(path);
}

/* Half of it, and the rest when the reader has had time to take that for all. */
static void write_in_two(const char *path)
{
    FILE *file = fopen(path, "w");
    size_t half = strlen(readme) / 2;
    const struct timespec moment = {.tv_nsec = 50000000};
    if (!file)
        _exit(1);
    setvbuf(file, NULL, _IONBF, 0);
    fwrite(readme, 1, half, file);
    nanosleep(&moment, NULL);
    fputs(readme + half, file);
    _exit(fclose(file) == 0 ? 0 : 1);
}

static void a_pipe_is_read_to_its_end(void **state)
{
    struct hmz_config *config;
    struct hmz_error err;
    int ended;
    char *path = hmz_path_join(*state, "pipe");
    assert_int_equal(mkfifo(path, 0666), 0);
    pid_t writer = fork();
    if (writer == 0)
        write_in_two(path);
    assert_ok(hmz_config_load(path, &config, &err), err);
    assert_int_equal(config->selection.ranges[0].last, 69);
    hmz_config_free(config);
    assert_true(waitpid(writer, &ended, 0) == writer && ended == 0);
    assert_int_equal(unlink(path), 0);
    free(path);
}

/* A configuration with these two paths. */
static struct hmz_config *with_paths(const char *merger, const char *harmonic)
{
    char *text = hmz_text_new(
        "# folders\nmerger_path: '%s'\nharmonic_path: '%s'\nharmonic_size_gb: 1\n" RANGE, merger, harmonic);
    struct hmz_config *config = parse(text);
    free(text);
    return config;
}

enum {
    READS = HMZ_CONFIG_READS_MERGER,
    WRITES = HMZ_CONFIG_WRITES_HARMONIC,
    LOOKS = HMZ_CONFIG_READS_HARMONIC
};

static void check_folders(const char *merger, const char *harmonic, unsigned needs, const char *part)
{
    struct hmz_config *config = with_paths(merger, harmonic);
    struct hmz_error err;
    if (!part)
        assert_ok(hmz_config_check_folders(config, needs, &err), err);
    else
        assert_fails(hmz_config_check_folders(config, needs, &err), HMZ_E_USAGE, part, err);
    hmz_config_free(config);
}

static void folders_must_be_there_where_needed(void **state)
{
    char *m = hmz_path_join(*state, "m");
    char *h = hmz_path_join(*state, "h");
    char *file = hmz_path_join(*state, "file");
    char *none = hmz_path_join(*state, "none");
    write_file(file, "");
    assert_int_equal(mkdir(m, 0777), 0);
    assert_int_equal(mkdir(h, 0777), 0);
    char *expect_m_none = hmz_text_new("c.yml:2: merger_path: %s: does not exist", none);
    char *expect_h_none = hmz_text_new("c.yml:3: harmonic_path: %s: does not exist", none);
    char *expect_m_file = hmz_text_new("c.yml:2: merger_path: %s: is no directory", file);
    char *expect_h_file = hmz_text_new("c.yml:3: harmonic_path: %s: is no directory", file);
    for (unsigned needs = 0; needs <= (READS | WRITES); needs++) {
        bool reads = needs & READS;
        check_folders(m, h, needs, NULL);
        check_folders(none, h, needs, reads ? expect_m_none : NULL);
        check_folders(file, h, needs, reads ? expect_m_file : NULL);
        check_folders(m, none, needs, expect_h_none);
        check_folders(m, file, needs, expect_h_file);
        check_folders(none, none, needs, reads ? expect_m_none : expect_h_none);
    }
    check_folders(m, "~/no/such/folder", LOOKS, "(~ is not replaced: write the path out)");
    free(expect_m_none);
    free(expect_h_none);
    free(expect_m_file);
    free(expect_h_file);
    free(m);
    free(h);
    free(file);
    free(none);
}

static void one_folder_for_both_is_refused(void **state)
{
    char *m = hmz_path_join(*state, "m");
    char *alias = hmz_path_join(*state, "alias");
    char *dotted = hmz_path_join(*state, "m/../m/.");
    assert_int_equal(mkdir(m, 0777), 0);
    assert_int_equal(symlink("m", alias), 0);
    const char *const same[] = {m, alias, dotted};
    for (size_t i = 0; i < 3; i++) {
        check_folders(m, same[i], READS | WRITES, "c.yml:3: harmonic_path: ");
        check_folders(m, same[i], READS | WRITES, "same directory as merger_path");
        check_folders(m, same[i], WRITES, "same directory as merger_path");
        check_folders(m, same[i], READS, "same directory as merger_path");
        check_folders(m, same[i], LOOKS, NULL);
    }
    free(m);
    free(alias);
    free(dotted);
}

static void check_unwritable(const char *path)
{
    check_folders("/", path, READS | WRITES,
                  "cannot be written to: Permission denied; expected a folder that you may write to");
    check_folders("/", path, READS | WRITES, "c.yml:3: harmonic_path: ");
    check_folders("/", path, READS, NULL);
    check_folders("/", path, LOOKS, NULL);
}

static void a_folder_to_write_must_be_writable(void **state)
{
    char *path = hmz_path_join(*state, "h");
    assert_int_equal(mkdir(path, 0555), 0);
    assert_int_equal(chmod(*state, 0777), 0);
    as_nobody(check_unwritable, path);
    free(path);
}

static void relative_paths_start_here(void **state)
{
    char here[4096];
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(*state), 0);
    assert_int_equal(mkdir("m", 0777), 0);
    assert_int_equal(mkdir("h", 0777), 0);
    check_folders("m", "h", READS | WRITES, NULL);
    check_folders("m", "./m", READS | WRITES, "/m): is the same directory as merger_path");
    assert_int_equal(chdir(here), 0);
}

static char *read_text(const char *path)
{
    struct hmz_error err;
    uint8_t *text;
    size_t length;
    assert_ok(hmz_io_read_file(path, HMZ_CONFIG_LIMIT_BYTES, &text, &length, &err), err);
    return (char *)text;
}

static void the_template_loads_again(void **state)
{
    struct hmz_config *config;
    struct hmz_error err;
    char *path = hmz_path_join(*state, "new.yml");
    mode_t mask = umask(027);
    assert_ok(hmz_config_write_template(path, &err), err);
    umask(mask);
    struct stat found;
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0640);
    char *text = read_text(path);
    assert_string_equal(text, hmz_config_template());
    free(text);
    assert_ok(hmz_config_load(path, &config, &err), err);
    check_readme(config);
    assert_fails(hmz_config_check_folders(config, READS | WRITES, &err), HMZ_E_USAGE,
                 "merger_path: /path/to/some/merger/data/: does not exist", err);
    hmz_config_free(config);
    free(path);
}

/* What stands behind # in the template is right as well. */
static void the_template_names_all_keys(void **state)
{
    (void)state;
    static const char *const keys[] = {"\n# harmonic_count: 32\n", "\n# skip_runs: [57, 60]\n",
                                       "\nmode: copy\n"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_non_null(strstr(hmz_config_template(), keys[i]));
    struct hmz_config *config = parse(PATHS RANGE "harmonic_count: 32\nskip_runs: [57, 60]\nmode: copy\n");
    assert_int_equal(config->selection.skip_count, 2);
    hmz_config_free(config);
}

static void the_template_overwrites_nothing(void **state)
{
    struct hmz_error err;
    char *path = hmz_path_join(*state, "c.yml");
    write_file(path, "mine");
    char *message = hmz_text_new("%s: exists already", path);
    assert_fails(hmz_config_write_template(path, &err), HMZ_E_FAILED, message, err);
    char *text = read_text(path);
    assert_string_equal(text, "mine");
    free(text);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("elsewhere", path), 0);
    assert_fails(hmz_config_write_template(path, &err), HMZ_E_FAILED, message, err);
    char *elsewhere = hmz_path_join(*state, "elsewhere");
    assert_int_equal(access(elsewhere, F_OK), -1);
    char *far = hmz_path_join(*state, "no/such/folder/c.yml");
    assert_fails(hmz_config_write_template(far, &err), HMZ_E_FAILED, "cannot create: No such file", err);
    assert_fails(hmz_config_write_template(*state, &err), HMZ_E_FAILED, "exists already", err);
    free(far);
    free(elsewhere);
    free(message);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readme_works_unchanged),
        cmocka_unit_test(every_way_to_write_it_works),
        cmocka_unit_test(optional_keys_are_read),
        cmocka_unit_test(limits_are_accepted),
        cmocka_unit_test(paths_stay_as_written),
        cmocka_unit_test(bad_yaml_is_refused_with_its_line),
        cmocka_unit_test(bad_keys_are_named),
        cmocka_unit_test(several_folders_and_ranges),
        cmocka_unit_test(bad_lists_are_named),
        cmocka_unit_test(bad_sizes_and_counts_are_named),
        cmocka_unit_test(bad_runs_are_named),
        cmocka_unit_test(bad_texts_are_named),
        cmocka_unit_test(long_texts_are_cut_between_characters),
        cmocka_unit_test(hostile_texts_end_soon),
        folder_test(files_are_loaded),
        folder_test(other_things_are_no_configuration),
        folder_test(a_pipe_is_read_to_its_end),
        folder_test(folders_must_be_there_where_needed),
        folder_test(one_folder_for_both_is_refused),
        folder_test(a_folder_to_write_must_be_writable),
        folder_test(relative_paths_start_here),
        folder_test(the_template_loads_again),
        cmocka_unit_test(the_template_names_all_keys),
        folder_test(the_template_overwrites_nothing),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
