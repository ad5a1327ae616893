CREATE TABLE _pydbt_runs (
    number INTEGER NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    target TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    seconds DOUBLE PRECISION NOT NULL,
    status TEXT NOT NULL,
    host TEXT NOT NULL,
    machine TEXT NOT NULL,
    pid BIGINT NOT NULL,
    process_started TEXT NOT NULL,
    heartbeat_at BIGINT NOT NULL,
    pydbt_version TEXT NOT NULL,
    task_count INTEGER NOT NULL,
    checksum BIGINT NOT NULL
);
INSERT INTO "_pydbt_runs" VALUES(1,'r0','dev',1769860800000000,9.0,'failed','host','machine',1,'1',1795962291683659,'0.1.0',3,885098592);
INSERT INTO "_pydbt_runs" VALUES(2,'r1','dev',1769947200000000,9.0,'failed','host','machine',1,'1',1795962291753493,'0.1.0',3,3576451935);
INSERT INTO "_pydbt_runs" VALUES(3,'r2','dev',1770033600000000,9.0,'failed','host','machine',1,'1',1795962291760915,'0.1.0',3,2877715824);
CREATE TABLE _pydbt_schema_version (version INTEGER NOT NULL);
INSERT INTO "_pydbt_schema_version" VALUES(2);
CREATE TABLE _pydbt_task_runs (
    run INTEGER NOT NULL,
    task TEXT NOT NULL,
    place INTEGER,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    started_at BIGINT,
    seconds DOUBLE PRECISION NOT NULL,
    row_count BIGINT,
    code TEXT NOT NULL,
    settings TEXT NOT NULL,
    failure_kind TEXT,
    failure_message TEXT,
    failure_code TEXT,
    failure_where TEXT,
    failure_hint TEXT,
    failure_traceback TEXT,
    checksum BIGINT NOT NULL, warnings TEXT,
    PRIMARY KEY (run, task)
);
INSERT INTO "_pydbt_task_runs" VALUES(1,'a',0,'success','due',1,1769860800000000,2.5,7,'c1','s1',NULL,NULL,NULL,NULL,NULL,NULL,3751091286,'["unique(id): 2 rows fail"]');
INSERT INTO "_pydbt_task_runs" VALUES(1,'b',1,'failed','due',1,1769860800000000,2.5,NULL,'c1','s1','ValueError','no such day','PYDBT-E400','models/a.py:3','fix it','Traceback ...',3215788566,NULL);
INSERT INTO "_pydbt_task_runs" VALUES(1,'c',2,'skipped','within_ttl',0,NULL,0.0,NULL,'c1','s1',NULL,NULL,NULL,NULL,NULL,NULL,745187498,NULL);
INSERT INTO "_pydbt_task_runs" VALUES(2,'a',0,'success','due',1,1769860800000000,2.5,7,'c1','s1',NULL,NULL,NULL,NULL,NULL,NULL,1222881784,'["unique(id): 2 rows fail"]');
INSERT INTO "_pydbt_task_runs" VALUES(2,'b',1,'failed','due',1,1769860800000000,2.5,NULL,'c1','s1','ValueError','no such day','PYDBT-E400','models/a.py:3','fix it','Traceback ...',1569162602,NULL);
INSERT INTO "_pydbt_task_runs" VALUES(2,'c',2,'skipped','within_ttl',0,NULL,0.0,NULL,'c1','s1',NULL,NULL,NULL,NULL,NULL,NULL,889640695,NULL);
INSERT INTO "_pydbt_task_runs" VALUES(3,'a',0,'success','due',1,1769860800000000,2.5,7,'c1','s1',NULL,NULL,NULL,NULL,NULL,NULL,976344418,'["unique(id): 2 rows fail"]');
INSERT INTO "_pydbt_task_runs" VALUES(3,'b',1,'failed','due',1,1769860800000000,2.5,NULL,'c1','s1','ValueError','no such day','PYDBT-E400','models/a.py:3','fix it','Traceback ...',3041852801,NULL);
INSERT INTO "_pydbt_task_runs" VALUES(3,'c',2,'skipped','within_ttl',0,NULL,0.0,NULL,'c1','s1',NULL,NULL,NULL,NULL,NULL,NULL,1037894460,NULL);
CREATE TABLE _pydbt_tasks (
    target TEXT NOT NULL,
    task TEXT NOT NULL,
    code TEXT NOT NULL,
    settings TEXT NOT NULL,
    last_status TEXT NOT NULL,
    last_success_at BIGINT,
    seconds DOUBLE PRECISION NOT NULL,
    run INTEGER NOT NULL,
    checksum BIGINT NOT NULL,
    PRIMARY KEY (target, task)
);
INSERT INTO "_pydbt_tasks" VALUES('dev','a','c1','s1','success',1770033602500000,2.5,3,583483118);
INSERT INTO "_pydbt_tasks" VALUES('dev','b','c1','s1','failed',NULL,0.0,3,3450753569);
INSERT INTO "_pydbt_tasks" VALUES('dev','c','c1','s1','skipped',NULL,0.0,1,2316106243);
CREATE INDEX _pydbt_runs_by_status ON _pydbt_runs (status);
CREATE INDEX _pydbt_task_runs_by_task ON _pydbt_task_runs (task, run);
