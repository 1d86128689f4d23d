"""The limits of control groups, on made trees: the tightest one on the way up counts."""

import pytest

from stimage.hardware import cgroup, cpus, memory
from stimage.hardware.cgroup import cpu_quota, memory_left

MIB = 2**20


@pytest.fixture
def system(tmp_path):
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text("0::/\n")
    return tmp_path


def belongs_to(system, *lines):
    (system / "proc/self/cgroup").write_text("".join(f"{line}\n" for line in lines))


def write(system, group, **files):
    folder = system / "sys/fs/cgroup" / group
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(f"{content}\n")


def limit(system, group, most, used, stat="inactive_file 0\nactive_file 0"):
    values = {"memory__max": most, "memory__current": used, "memory__stat": stat}
    write(system, group, **values)


def limit_v1(system, group, most, used):
    values = {"memory__limit_in_bytes": most, "memory__usage_in_bytes": used}
    write(system, group, **values, memory__stat="inactive_file 0")


def test_pages_of_files_count_as_left(system):
    stat = f"anon {500 * MIB}\nactive_file {100 * MIB}\ninactive_file {200 * MIB}"
    limit(system, "", 900 * MIB, 800 * MIB, stat)
    assert memory_left(system) == 400 * MIB


def test_no_group_and_no_limit_are_none(system):
    assert memory_left(system) is None
    assert memory_left(system / "nothing") is None
    limit(system, "", "max", 800 * MIB)
    assert memory_left(system) is None
    assert cpu_quota(system) is None


def test_the_older_kind_counts_too(system):
    belongs_to(system, "4:memory:/")
    limit_v1(system, "memory", 300 * MIB, 100 * MIB)
    assert memory_left(system) == 200 * MIB
    limit_v1(system, "memory", 2**63 - 4096, 100 * MIB)
    assert memory_left(system) is None


def test_a_limit_of_a_service_is_seen_and_one_above_it_too(system):
    belongs_to(system, "0::/system.slice/stimage.service")
    limit(system, "system.slice", "max", 0)
    limit(system, "system.slice/stimage.service", 300 * MIB, 100 * MIB)
    assert memory_left(system) == 200 * MIB
    limit(system, "system.slice", 500 * MIB, 450 * MIB)
    assert memory_left(system) == 50 * MIB
    limit(system, "system.slice/other.service", MIB, MIB)
    assert memory_left(system) == 50 * MIB


def test_in_a_container_that_sees_the_hosts_path_its_own_root_counts(system):
    belongs_to(system, "5:memory:/docker/0123abcd", "0::/../../docker/0123abcd")
    limit_v1(system, "memory", 300 * MIB, 100 * MIB)
    assert memory_left(system) == 200 * MIB
    limit(system, "", 100 * MIB, 50 * MIB)
    assert memory_left(system) == 50 * MIB


def test_what_is_over_its_limit_has_nothing_left(system):
    limit(system, "", 100 * MIB, 101 * MIB)
    assert memory_left(system) == 0


def test_the_tightest_quota_of_processors_counts(system):
    belongs_to(system, "0::/a/b")
    write(system, "a", cpu__max="150000 100000")
    write(system, "a/b", cpu__max="400000 100000")
    assert cpu_quota(system) == 1.5
    write(system, "a/b", cpu__max="max 100000")
    assert cpu_quota(system) == 1.5


@pytest.mark.parametrize("tree", ["cpu", "cpu,cpuacct"])
def test_the_older_kind_has_quotas_of_processors(system, tree):
    belongs_to(system, "3:cpu,cpuacct:/docker/0123abcd")
    write(system, tree, cpu__cfs_quota_us=50000, cpu__cfs_period_us=100000)
    assert cpu_quota(system) == 0.5
    write(system, tree, cpu__cfs_quota_us=-1, cpu__cfs_period_us=100000)
    assert cpu_quota(system) is None


@pytest.mark.parametrize("text", ["", ":", "0:", "a:b:c:d", "\0", "0::/a\n0::/b"])
def test_what_is_no_table_of_groups_has_no_limit(system, text):
    (system / "proc/self/cgroup").write_text(text)
    assert memory_left(system) is None


def test_limits_count_for_what_is_left_and_for_the_processors(monkeypatch):
    monkeypatch.setattr(cgroup, "memory_left", lambda: 7 * MIB)
    assert memory.left_mib() == 7
    monkeypatch.setattr(cgroup, "memory_left", lambda: None)
    assert memory.left_mib() > 0
    monkeypatch.setattr(cgroup, "cpu_quota", lambda: 0.5)
    assert cpus.available_cpus() == 1
