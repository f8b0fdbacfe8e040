/* Links as the store follows them, compared with what the kernel makes of the same ones: in trees
 * made by chance, the same every time. */
#include "common/rights.h"
#include "worker/store_links.h"

#include "tests/unit/store_setup.h"

#include <errno.h>

enum { TREES = 40, LINKS = 12, PIECES_MOST = 4, LOOKS = 400 };

static struct zones *far_away; /* a zone that nothing is in: links are the store's to follow */
static uint32_t chance;

static uint32_t roll(uint32_t sides)
{
	chance = chance * 1664525 + 1013904223;
	return (chance >> 8) % sides;
}

/* A path of some pieces of which many are there. */
static const char *path_by_chance(bool absolute)
{
	static const char *const pieces[] = {
		"a", "b", "c", "file", "l0", "l1", "l2", "l3", "l4", "l5", "none", ".", ".."};
	static char text[200];
	uint32_t count = 1 + roll(PIECES_MOST);

	strcpy(text, absolute ? "/" : "");
	for (uint32_t i = 0; i < count; i++)
		sprintf(text + strlen(text), "%s%s", i > 0 ? "/" : "",
			pieces[roll(sizeof(pieces) / sizeof(pieces[0]))]);
	return text;
}

static void make_tree(void)
{
	static const char *const directories[] = {"", "a/", "a/b/", "a/b/c/", "c/"};
	char name[100];

	for (size_t i = 1; i < sizeof(directories) / sizeof(directories[0]); i++) {
		snprintf(name, sizeof(name), "%s", directories[i]);
		make_folder(name);
	}
	make_file("file", "");
	make_file("a/b/file", "");
	for (int i = 0; i < LINKS; i++) {
		snprintf(name, sizeof(name), "%sl%u", directories[roll(5)], roll(6));
		if (symlink(path_by_chance(roll(3) == 0), below(name)) < 0)
			ck_assert_int_eq(errno, EEXIST);
	}
}

static int look(const struct vpath *path, const struct zones *zones, struct store_file *file)
{
	store.zones = zones;
	return store_look(&store, path, file);
}

static void compare(const char *text)
{
	struct store_file kernels = {0}, ours = {0};
	int wanted, got;
	struct vpath path;

	ck_assert_int_eq(vpath_resolve(&path, NULL, text, strlen(text)), 0);
	wanted = look(&path, NULL, &kernels);
	got = look(&path, far_away, &ours);
	ck_assert_msg(got == wanted && ours.inode == kernels.inode,
		"%s: the kernel says %d and inode %ju, the store %d and %ju", path.text, wanted,
		(uintmax_t)kernels.inode, got, (uintmax_t)ours.inode);
}

START_TEST(links_lead_where_the_kernel_goes)
{
	const struct zone_wish wish = {"/far away", RIGHTS_ALL, ZONE_NO_ROOT};
	int found = 0;

	ck_assert_int_eq(zones_make(&far_away, &wish, 1), 0);
	for (int tree = 0; tree < TREES; tree++) {
		char name[20];

		snprintf(name, sizeof(name), "root%d", tree);
		scratch_folder(root, name);
		ck_assert_int_eq(store_open(&store, root), 0);
		make_tree();
		for (int i = 0; i < LOOKS; i++) {
			const char *text = path_by_chance(false);
			struct store_file file;

			compare(text);
			found += look(at(text), NULL, &file) == 0;
		}
		store_close(&store);
	}
	ck_assert_int_gt(found, TREES * LOOKS / 20); /* it was about something */
	zones_free(far_away);
}
END_TEST

START_TEST(too_many_links_are_too_many)
{
	char name[20], before[20] = "file";

	open_store();
	make_file("file", "");
	for (int i = 0; i < 60; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		link_to(before, name);
		strcpy(before, name);
	}
	ck_assert_int_eq(zones_make(&far_away,
				 &(struct zone_wish){"/far away", RIGHTS_ALL, ZONE_NO_ROOT}, 1),
		0);
	for (int i = 0; i < 60; i++) {
		snprintf(name, sizeof(name), "/n%d", i);
		compare(name);
	}
	zones_free(far_away);
}
END_TEST

SUITE(store_links, links_lead_where_the_kernel_goes, too_many_links_are_too_many)
